package io.batchwright.data.corpus;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.text.Normalizer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * Gives texts that look the same the same characters: Unicode normal form, {@code \n} for every
 * line end, no NUL and no unpaired surrogate.
 *
 * @param form NFC (composed), NFKC (composed, compatibility characters replaced) or none
 */
public record Normalize(String form) implements Serializable {
  /** Composed characters; nothing that a reader can see is lost. */
  public static final Normalize DEFAULTS = new Normalize("NFC");

  public Normalize {
    Check.oneOf("Normalize.form", form, "NFC", "NFKC", "none");
  }

  /** {@code documents} with its text, and any of {@code others}, normalized. */
  public Dataset<Row> apply(Dataset<Row> documents, String... others) {
    UDF1<String, String> each = this::apply;
    var normalized = udf(each, DataTypes.StringType);
    Dataset<Row> table = documents.withColumn("text", normalized.apply(col("text")));
    for (String other : others) {
      table = table.withColumn(other, normalized.apply(col(other)));
    }
    return table;
  }

  /** {@code text} normalized; null stays null. */
  public String apply(String text) {
    if (text == null) {
      return null;
    }
    String clean = needsCleaning(text) ? clean(text) : text;
    if (form.equals("none")) {
      return clean;
    }
    Normalizer.Form unicode = Normalizer.Form.valueOf(form);
    return Normalizer.isNormalized(clean, unicode) ? clean : Normalizer.normalize(clean, unicode);
  }

  private static boolean needsCleaning(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || c == '\r' || c == '\u0085' || c == '\u2028' || Character.isSurrogate(c)) {
        return true;
      }
    }
    return false;
  }

  private static String clean(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      char next = i + 1 < text.length() ? text.charAt(i + 1) : 0;
      if (c == '\r' || c == '\u0085' || c == '\u2028') {
        clean.append('\n');
        i += c == '\r' && next == '\n' ? 1 : 0;
      } else if (Character.isSurrogatePair(c, next)) {
        clean.append(c).append(next);
        i++;
      } else if (c != 0 && !Character.isSurrogate(c)) {
        clean.append(c);
      }
    }
    return clean.toString();
  }
}
