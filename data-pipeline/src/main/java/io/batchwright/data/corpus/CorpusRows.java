package io.batchwright.data.corpus;

import static org.apache.spark.sql.types.DataTypes.IntegerType;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.apache.spark.sql.types.DataTypes.createMapType;

import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The one wide table that reading a source makes: documents, queries, judgements, removed and
 * quarantined rows beside each other, told apart by {@code kind}.
 *
 * <p>A source is read once. The stage commits this table, and {@link CorpusTables} selects the
 * tables of {@link io.batchwright.data.Tables} from the committed copy. User columns follow the
 * columns named here.
 *
 * <p>{@code split} is what the input says of a judgement's query: {@code held_out}, or null.
 *
 * <p>{@code records} is the number of input records that a row accounts for, {@code expanded} how
 * many more documents than records it announces; see {@link CorpusTables#ledger}.
 */
public final class CorpusRows {
  /** A document: doc_id, source, text, meta and user columns. */
  public static final String DOCUMENT = "document";

  /** A query: query_id, query, source, group_id. */
  public static final String QUERY = "query";

  /** A judgement: query_id, doc_id, relevance. */
  public static final String JUDGEMENT = "judgement";

  /** A given negative: query_id, doc_id, and its rank as relevance. */
  public static final String CANDIDATE = "candidate";

  /** A document left out on purpose: doc_id, source, reason. */
  public static final String REMOVED = "removed";

  /** Input that could not be used: input_path, input_position, reason, excerpt. */
  public static final String QUARANTINED = "quarantined";

  /**
   * An input record that was read and holds no text of its own, such as a file of many comments.
   */
  public static final String INPUT = "input";

  /** How an id came about: {@code given} in the input, or {@code derived} from the content. */
  public static final String GIVEN = "given";

  /** An id made from source and content; equal texts of a source are numbered. */
  public static final String DERIVED = "derived";

  /**
   * An id that may name the same document in many records, as passages of training files do: the
   * first stays and the others are dropped as {@code repeated_passage}.
   */
  public static final String SHARED = "shared";

  /** The columns before the user's. */
  public static final StructType SCHEMA =
      new StructType()
          .add("kind", StringType, false)
          .add("doc_id", StringType)
          .add("id_origin", StringType)
          .add("source", StringType)
          .add("text", StringType)
          .add("meta", createMapType(StringType, StringType, true))
          .add("query_id", StringType)
          .add("query", StringType)
          .add("group_id", StringType)
          .add("relevance", IntegerType)
          .add("reason", StringType)
          .add("input_path", StringType)
          .add("input_position", StringType)
          .add("input_order", LongType)
          .add("excerpt", StringType)
          .add("records", LongType, false)
          .add("expanded", LongType, false)
          .add("split", StringType);

  private static final int EXCERPT_CHARACTERS = 200;

  private CorpusRows() {}

  /** Where a row stands in the input; {@code order} sorts the positions of one path. */
  public record Place(String path, String position, long order) {}

  /**
   * A document row that accounts for {@code records} input records; {@code user} columns follow.
   */
  public static Row document(
      Document document, Place place, long records, long expanded, Object... user) {
    return row(
        user,
        DOCUMENT,
        document.id(),
        document.idOrigin(),
        document.source(),
        document.text(),
        document.meta() == null ? null : CollectionConverters.asScala(document.meta()),
        null,
        null,
        null,
        null,
        null,
        place.path(),
        place.position(),
        place.order(),
        null,
        records,
        expanded);
  }

  /** What a document row says. */
  public record Document(
      String id, String idOrigin, String source, String text, Map<String, String> meta) {}

  /** A query row. */
  public static Row query(
      String queryId, String query, String source, String groupId, Place place, int userColumns) {
    return row(
        new Object[userColumns],
        QUERY,
        null,
        null,
        source,
        null,
        null,
        queryId,
        query,
        groupId,
        null,
        null,
        place.path(),
        place.position(),
        place.order(),
        null,
        0L,
        0L);
  }

  /** A judgement row. */
  public static Row judgement(
      String queryId, String docId, int relevance, Place place, int userColumns) {
    return pair(JUDGEMENT, queryId, docId, relevance, place, null, userColumns);
  }

  /** A judgement row of a query that is never to be trained on. */
  public static Row heldOutJudgement(String queryId, String docId, int relevance, Place place) {
    return pair(JUDGEMENT, queryId, docId, relevance, place, "held_out", 0);
  }

  /** A passage that the input itself names as a negative of a query, with its rank from 1. */
  public static Row candidate(String queryId, String docId, int rank, Place place) {
    return pair(CANDIDATE, queryId, docId, rank, place, null, 0);
  }

  private static Row pair(
      String kind,
      String queryId,
      String docId,
      int number,
      Place place,
      String split,
      int userColumns) {
    return row(
        new Object[userColumns],
        kind,
        docId,
        null,
        null,
        null,
        null,
        queryId,
        null,
        null,
        number,
        null,
        place.path(),
        place.position(),
        place.order(),
        null,
        0L,
        0L,
        split);
  }

  /** A document left out for {@code reason}, accounting for {@code records} input records. */
  public static Row removed(
      String docId, String source, String reason, Place place, long records, int userColumns) {
    return row(
        new Object[userColumns],
        REMOVED,
        docId,
        null,
        source,
        null,
        null,
        null,
        null,
        null,
        null,
        reason,
        place.path(),
        place.position(),
        place.order(),
        null,
        records,
        0L);
  }

  /** An input record that could not be used for {@code reason}. */
  public static Row quarantined(String reason, String excerpt, Place place, int userColumns) {
    return row(
        new Object[userColumns],
        QUARANTINED,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        reason,
        place.path(),
        place.position(),
        place.order(),
        excerpt == null ? null : excerpt(excerpt),
        1L,
        0L);
  }

  /** An input record read in full, from which {@code documents} document or removed rows came. */
  public static Row input(Place place, long documents, int userColumns) {
    return row(
        new Object[userColumns],
        INPUT,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        place.path(),
        place.position(),
        place.order(),
        null,
        1L,
        documents - 1);
  }

  /** The first characters of a text, for a person to recognise it by. */
  public static String excerpt(String text) {
    int end = Math.min(EXCERPT_CHARACTERS, text.length());
    if (end > 0 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  /** A row of the {@code named} columns, the last of which may be left out, and the user's. */
  private static Row row(Object[] user, Object... named) {
    Object[] values = new Object[SCHEMA.size() + user.length];
    System.arraycopy(named, 0, values, 0, named.length);
    System.arraycopy(user, 0, values, SCHEMA.size(), user.length);
    return RowFactory.create(values);
  }
}
