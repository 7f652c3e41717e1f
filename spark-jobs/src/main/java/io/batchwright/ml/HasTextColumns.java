package io.batchwright.ml;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The parameters of a column of texts and the column of their embeddings, with getters and setters.
 * An estimator has them too, for the model that it will fit.
 *
 * @param <S> what setters return: the estimator or the model itself
 */
public interface HasTextColumns<S extends HasTextColumns<S>> extends Params {
  /** The parameters themselves. */
  TextColumns textColumns();

  /** This, as what it is. */
  S self();

  /** Column of texts; text unless set. */
  default Param<String> inputCol() {
    return textColumns().inputCol;
  }

  /** The column of embeddings that is added; embedding unless set. */
  default Param<String> outputCol() {
    return textColumns().outputCol;
  }

  /** array or vector; array unless set. */
  default Param<String> outputType() {
    return textColumns().outputType;
  }

  /** document or query; document unless set. */
  default Param<String> textKind() {
    return textColumns().textKind;
  }

  /** Texts that a task encodes at once; 256 unless set. */
  default IntParam transformBatchSize() {
    return textColumns().transformBatchSize;
  }

  default String getInputCol() {
    return getOrDefault(inputCol());
  }

  default S setInputCol(String value) {
    set(inputCol(), value);
    return self();
  }

  default String getOutputCol() {
    return getOrDefault(outputCol());
  }

  default S setOutputCol(String value) {
    set(outputCol(), value);
    return self();
  }

  default String getOutputType() {
    return getOrDefault(outputType());
  }

  default S setOutputType(String value) {
    set(outputType(), value);
    return self();
  }

  default String getTextKind() {
    return getOrDefault(textKind());
  }

  default S setTextKind(String value) {
    set(textKind(), value);
    return self();
  }

  default int getTransformBatchSize() {
    return (Integer) getOrDefault(transformBatchSize());
  }

  default S setTransformBatchSize(int value) {
    set(transformBatchSize(), value);
    return self();
  }
}
