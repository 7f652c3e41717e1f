package io.batchwright.data.sql;

import io.batchwright.data.dedup.Normalization;
import io.batchwright.data.dedup.ShingleUnit;
import io.batchwright.data.dedup.Shingles;
import io.batchwright.data.failure.BatchwrightException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.errors.QueryCompilationErrors;
import org.apache.spark.sql.types.AbstractDataType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** The functions that {@link BatchwrightExtensions} adds, with their parameters and defaults. */
enum TextFunction {
  /**
   * {@code batchwright_normalize(text [, form [, fold_case [, ignore_punctuation [,
   * fold_digits]]]])}.
   */
  NORMALIZE(
      "_FUNC_(text[, form[, fold_case[, ignore_punctuation[, fold_digits]]]]) - Returns text in its"
          + " normal form: Unicode form NONE, NFC (the default) or NFKC, then full case folding,"
          + " punctuation deleted, digits of every script as ASCII where asked; white space always"
          + " one space a run.",
      DataTypes.StringType,
      1,
      List.of(
          DataTypes.StringType,
          DataTypes.StringType,
          DataTypes.BooleanType,
          DataTypes.BooleanType,
          DataTypes.BooleanType),
      "NFC",
      false,
      false,
      false) {
    @Override
    void check(List<Object> options) {
      if (options.get(0) != null) {
        TextFunctions.named("form", Normalization.Form.class, options.get(0).toString());
      }
    }
  },
  /** {@code batchwright_signature(text [, scheme])}. */
  SIGNATURE(
      "_FUNC_(text[, scheme]) - Returns the MinHash signature of text, or null for a text without"
          + " shingles. scheme is one_permutation (the default: 128 bins over 5-grams of words),"
          + " super_min_hash, datasketch (13-grams of characters), or a scheme's stored JSON form.",
      DataTypes.createArrayType(DataTypes.IntegerType, false),
      1,
      List.of(DataTypes.StringType, DataTypes.StringType),
      "one_permutation") {
    @Override
    void check(List<Object> options) {
      if (options.get(0) != null) {
        TextFunctions.scheme(options.get(0).toString());
      }
    }
  },
  /** {@code batchwright_similarity(a, b [, unit [, n]])}. */
  SIMILARITY(
      "_FUNC_(a, b[, unit[, n]]) - Returns the exact Jaccard similarity of the n-grams of two"
          + " texts: unit is words (the default, n 5), word_tokens, characters, uax29_words or"
          + " cjk_bigrams. Two texts without n-grams have similarity 1.",
      DataTypes.DoubleType,
      2,
      List.of(
          DataTypes.StringType, DataTypes.StringType, DataTypes.StringType, DataTypes.IntegerType),
      "words",
      5) {
    @Override
    void check(List<Object> options) {
      ShingleUnit unit = ShingleUnit.WORDS;
      if (options.get(0) != null) {
        unit = TextFunctions.named("unit", ShingleUnit.class, options.get(0).toString());
      }
      if (options.get(1) != null) {
        new Shingles(unit, (Integer) options.get(1));
      }
    }
  };

  private final String usage;
  private final DataType result;
  private final int required;
  private final List<DataType> types;
  private final List<Object> defaults;

  TextFunction(
      String usage, DataType result, int required, List<DataType> types, Object... defaults) {
    this.usage = usage;
    this.result = result;
    this.required = required;
    this.types = types;
    this.defaults = List.of(defaults);
  }

  /**
   * Refuses the options that are known when the query is analysed; null stands for one that is not.
   *
   * @throws IllegalArgumentException or {@link BatchwrightException} if an option is not legal
   */
  abstract void check(List<Object> options);

  String method() {
    return name().toLowerCase(Locale.ROOT);
  }

  String sqlName() {
    return "batchwright_" + method();
  }

  DataType result() {
    return result;
  }

  boolean mayFindNothing() {
    return this == SIGNATURE;
  }

  Seq<AbstractDataType> inputTypes() {
    return CollectionConverters.asScala(List.<AbstractDataType>copyOf(types)).toSeq();
  }

  FunctionIdentifier identifier() {
    return new FunctionIdentifier(sqlName());
  }

  ExpressionInfo info() {
    return new ExpressionInfo(
        TextExpression.class.getName(), null, sqlName(), usage, "", "", "", "", "", "", "");
  }

  /** A call with these arguments, and the defaults of those that are not given. */
  Expression call(Seq<Expression> given) {
    int most = types.size();
    if (given.size() < required || given.size() > most) {
      List<Object> legal = new ArrayList<>();
      for (int count = required; count <= most; count++) {
        legal.add(count);
      }
      throw TextFunction.<RuntimeException>unchecked(
          QueryCompilationErrors.wrongNumArgsError(
              sqlName(), CollectionConverters.asScala(legal).toSeq(), given.size(), "", "", ""));
    }
    List<Expression> all = new ArrayList<>(CollectionConverters.asJava(given));
    for (int missing = all.size(); missing < most; missing++) {
      all.add(Literal$.MODULE$.apply(defaults.get(missing - required)));
    }
    return new TextExpression(this, CollectionConverters.asScala(all).toSeq());
  }

  /** Throws a checked exception where Scala's functions declare none. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> RuntimeException unchecked(Throwable failure) throws E {
    throw (E) failure;
  }

  TypeCheckResult checkOptions(Seq<Expression> arguments) {
    List<Object> options = new ArrayList<>();
    for (int i = required; i < types.size(); i++) {
      Expression option = arguments.apply(i);
      options.add(option.foldable() ? option.eval(null) : null);
    }
    try {
      check(options);
      return TypeCheckResult.TypeCheckSuccess$.MODULE$;
    } catch (IllegalArgumentException | BatchwrightException e) {
      return new TypeCheckResult.TypeCheckFailure(sqlName() + ": " + e.getMessage());
    }
  }
}
