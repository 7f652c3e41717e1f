package io.batchwright.jobs.cluster;

import io.batchwright.data.filter.CustomFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * Keeps every document, and ends the executor that asks first once {@code when} exists.
 *
 * @param when a file or folder that a run makes on its way
 * @param marker is created by the executor that ends itself, so that there is one only
 */
public record HaltsOnce(String when, String marker) implements CustomFilter {
  /** Nothing exists under an empty name, so nothing ends. */
  public static final HaltsOnce DEFAULTS = new HaltsOnce("/nowhere", "/nowhere");

  @Override
  public String reason() {
    return "halted";
  }

  @Override
  public Column keeps(Column text) {
    String trigger = when;
    String once = marker;
    return functions
        .udf((UDF1<String, Boolean>) value -> strike(trigger, once), DataTypes.BooleanType)
        .apply(text);
  }

  static boolean strike(String when, String marker) {
    boolean executor = !"driver".equals(SparkEnv.get().executorId());
    if (executor && Files.exists(Path.of(when))) {
      try {
        Files.createFile(Path.of(marker));
        Runtime.getRuntime().halt(77);
      } catch (FileAlreadyExistsException other) {
        return true;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return true;
  }
}
