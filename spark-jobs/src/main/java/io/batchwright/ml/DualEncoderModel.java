package io.batchwright.ml;

import io.batchwright.jobs.model.EmbedColumn;
import io.batchwright.jobs.model.ModelPath;
import io.batchwright.jobs.model.ShippedModel;
import io.batchwright.jobs.run.LocalFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.reflect.ClassTag$;

/**
 * Adds a column with the embedding of each text: a unit-length vector whose cosine with another
 * says how well a document answers a query.
 *
 * <p>Texts are encoded on executors, a batch at a time; each executor opens the model once. A null
 * text has a null embedding. Saved, the model is Spark ML's metadata beside a folder {@code
 * encoder} that sentence-transformers loads.
 */
public final class DualEncoderModel extends Model<DualEncoderModel>
    implements MLWritable, HasTextColumns<DualEncoderModel> {
  private static final long serialVersionUID = 1L;
  private static final String ENCODER = "encoder";

  private final String uid;
  private final ShippedModel model;
  private final TextColumns columns;
  private transient Broadcast<ShippedModel> sent;
  private transient String sentBy;

  DualEncoderModel(String uid, ShippedModel model) {
    this.uid = uid;
    this.model = model;
    this.columns = new TextColumns(this);
    columns.setDefaults();
  }

  /**
   * A model of any run's folder, or of any folder of sentence-transformers or Hugging Face that
   * {@code batchwright encode} takes.
   *
   * @throws io.batchwright.data.failure.BatchwrightException if there is none
   */
  public static DualEncoderModel open(SparkSession spark, String folder) {
    return new DualEncoderModel(
        Identifiable$.MODULE$.randomUID(DualEncoder.PREFIX),
        shipped(folder, spark.sessionState().newHadoopConf()));
  }

  /** Reads what {@link #write} wrote. */
  public static MLReader<DualEncoderModel> read() {
    return new Reader();
  }

  /** Reads what was saved at {@code path}. */
  public static DualEncoderModel load(String path) {
    return read().load(path);
  }

  static ShippedModel shipped(String folder, Configuration hadoop) {
    try {
      return ShippedModel.of(ModelPath.of(folder, hadoop));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the model in " + folder, e);
    }
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    EmbedColumn embed =
        new EmbedColumn(
            sent(dataset.sparkSession()),
            dataset.schema().fieldIndex(getInputCol()),
            getTextKind().equals(TextColumns.QUERY),
            getOutputType().equals(TextColumns.VECTOR),
            getTransformBatchSize());
    return dataset.toDF().mapPartitions(embed, Encoders.row(schema));
  }

  /** The model is sent once to each application, however often it is used. */
  private synchronized Broadcast<ShippedModel> sent(SparkSession spark) {
    String application = spark.sparkContext().applicationId();
    if (!application.equals(sentBy)) {
      sent = spark.sparkContext().broadcast(model, ClassTag$.MODULE$.apply(ShippedModel.class));
      sentBy = application;
    }
    return sent;
  }

  @Override
  public StructType transformSchema(StructType schema) {
    columns.require(schema, columns.inputCol, false);
    return columns.withOutput(schema);
  }

  /** Length of the embeddings. */
  public int dims() {
    return model.dims();
  }

  /** SHA-256 over the model's files; models of the same bits have the same. */
  public String modelSha256() {
    return model.sha256();
  }

  @Override
  public DualEncoderModel copy(ParamMap extra) {
    DualEncoderModel copy = copyValues(new DualEncoderModel(uid, model), extra);
    return copy.setParent(parent());
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public TextColumns textColumns() {
    return columns;
  }

  @Override
  public DualEncoderModel self() {
    return this;
  }

  @Override
  public MLWriter write() {
    return new Writer(this);
  }

  private static final class Writer extends MLWriter {
    private final DualEncoderModel saved;

    Writer(DualEncoderModel saved) {
      this.saved = saved;
    }

    @Override
    public void saveImpl(String path) {
      DefaultParamsWriter.saveMetadata(saved, path, sparkSession());
      Path encoder = new Path(path, ENCODER);
      try {
        LocalFolder.write(
            encoder.getFileSystem(sparkSession().sessionState().newHadoopConf()),
            encoder,
            saved.model::write);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write " + encoder, e);
      }
    }
  }

  private static final class Reader extends MLReader<DualEncoderModel> {
    @Override
    public DualEncoderModel load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(path, sparkSession(), DualEncoderModel.class.getName());
      DualEncoderModel loaded =
          new DualEncoderModel(
              metadata.uid(),
              shipped(path + "/" + ENCODER, sparkSession().sessionState().newHadoopConf()));
      metadata.getAndSetParams(loaded, Option.empty());
      return loaded;
    }
  }
}
