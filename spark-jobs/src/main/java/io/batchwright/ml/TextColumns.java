package io.batchwright.ml;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** The parameters of a column of texts and its embeddings, of an estimator and of its model. */
public final class TextColumns implements Serializable {
  static final String ARRAY = "array";
  static final String VECTOR = "vector";
  static final String DOCUMENT = "document";
  static final String QUERY = "query";

  private static final long serialVersionUID = 1L;

  final Param<String> inputCol;
  final Param<String> outputCol;
  final Param<String> outputType;
  final Param<String> textKind;
  final IntParam transformBatchSize;
  private final Params owner;

  TextColumns(Params owner) {
    this.owner = owner;
    inputCol = new Param<>(owner, "inputCol", "column of the texts that the model encodes");
    outputCol = new Param<>(owner, "outputCol", "column of embeddings that the model adds");
    outputType =
        new Param<>(
            owner,
            "outputType",
            "type of the embeddings: array (of floats) or vector (ml.linalg.Vector)",
            ParamValidators.<String>inArray(List.of(ARRAY, VECTOR)));
    textKind =
        new Param<>(
            owner,
            "textKind",
            "what the texts are: document or query; models with prompts put another before each",
            ParamValidators.<String>inArray(List.of(DOCUMENT, QUERY)));
    transformBatchSize =
        new IntParam(
            owner.uid(),
            "transformBatchSize",
            "texts that a task encodes at once, at least 1",
            ParamValidators.<Object>gtEq(1));
  }

  /** Sets the defaults; to be called once the owner's methods return its parameters. */
  void setDefaults() {
    owner.setDefault(inputCol, "text");
    owner.setDefault(outputCol, "embedding");
    owner.setDefault(outputType, ARRAY);
    owner.setDefault(textKind, DOCUMENT);
    owner.setDefault(transformBatchSize, 256);
  }

  /**
   * {@code schema} with the column of embeddings.
   *
   * @throws IllegalArgumentException if there is such a column already
   */
  StructType withOutput(StructType schema) {
    String added = owner.getOrDefault(outputCol);
    if (List.of(schema.fieldNames()).contains(added)) {
      throw new IllegalArgumentException(
          "%s: outputCol is %s, and the input has a column of that name already"
              .formatted(owner.uid(), added));
    }
    return schema.add(added, embeddingType(), true);
  }

  private DataType embeddingType() {
    return owner.getOrDefault(outputType).equals(VECTOR)
        ? SQLDataTypes.VectorType()
        : DataTypes.createArrayType(DataTypes.FloatType, false);
  }

  /**
   * Requires a column of strings that the parameter {@code param} names.
   *
   * @param lists whether arrays of strings will do, too
   * @throws IllegalArgumentException if there is none
   */
  void require(StructType schema, Param<String> param, boolean lists) {
    String column = owner.getOrDefault(param);
    if (!List.of(schema.fieldNames()).contains(column)) {
      throw new IllegalArgumentException(
          "%s: %s is %s, but the input has no such column. It has: %s"
              .formatted(
                  owner.uid(), param.name(), column, String.join(", ", schema.fieldNames())));
    }
    DataType type = schema.apply(column).dataType();
    DataType element =
        lists && type instanceof org.apache.spark.sql.types.ArrayType array
            ? array.elementType()
            : type;
    if (!(element instanceof StringType)) {
      throw new IllegalArgumentException(
          "%s: %s must name a column of strings%s, but %s is %s"
              .formatted(
                  owner.uid(),
                  param.name(),
                  lists ? " or arrays of strings" : "",
                  column,
                  type.sql()));
    }
  }
}
