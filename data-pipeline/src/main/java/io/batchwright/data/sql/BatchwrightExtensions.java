package io.batchwright.data.sql;

import org.apache.spark.sql.SparkSessionExtensions;
import scala.Tuple3;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Adds {@code batchwright_normalize}, {@code batchwright_signature} and {@code
 * batchwright_similarity} to a session, for SQL, PySpark, Scala and notebooks without a wrapper.
 *
 * <pre>{@code
 * spark-sql --jars batchwright.jar \
 *   --conf spark.sql.extensions=io.batchwright.data.sql.BatchwrightExtensions
 *
 * SELECT a.id, b.id, batchwright_similarity(a.text, b.text) AS similarity
 * FROM pages a JOIN pages b ON a.url = b.url AND a.id < b.id
 * }</pre>
 *
 * <p>From Java, Scala and PySpark: {@code functions.expr("batchwright_normalize(text, 'NFKC')")}.
 * Other extensions go in the same setting, separated by commas.
 */
public final class BatchwrightExtensions
    extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
  @Override
  public BoxedUnit apply(SparkSessionExtensions session) {
    for (TextFunction function : TextFunction.values()) {
      session.injectFunction(new Tuple3<>(function.identifier(), function.info(), function::call));
    }
    return BoxedUnit.UNIT;
  }
}
