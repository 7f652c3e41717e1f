package io.batchwright.jobs.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Constructs a record and finds every value its constructor refuses.
 *
 * <p>A constructor stops at its first complaint. So the value complained about is put back to its
 * default and the record constructed again, until it holds. Where the message does not name the
 * value, each given one is tried alone over the defaults.
 */
final class RangeCheck {
  private final Class<?> type;
  private final RecordComponent[] components;
  private final Given section;
  private final String key;
  private final Problems problems;

  RangeCheck(Class<?> type, Given section, String key, Problems problems) {
    this.type = type;
    this.components = type.getRecordComponents();
    this.section = section;
    this.key = key;
    this.problems = problems;
  }

  /** The record, or null where its constructor refused something; each refusal is reported. */
  Record construct(Object[] values, Object[] defaults, boolean[] given) {
    try {
      return Components.construct(type, values);
    } catch (IllegalArgumentException | NullPointerException e) {
      report(e, values.clone(), defaults, given.clone());
      return null;
    }
  }

  private void report(RuntimeException first, Object[] values, Object[] defaults, boolean[] given) {
    RuntimeException refusal = first;
    while (refusal != null) {
      List<Integer> culprits = new ArrayList<>(named(refusal.getMessage(), given));
      if (culprits.isEmpty()) {
        culprits.addAll(aloneRefused(values, defaults, given));
      }
      boolean known = Arrays.stream(defaults).allMatch(value -> value != null);
      if (culprits.isEmpty()) {
        problems.add(section.origin(), section.line(), prefix(key) + refusal.getMessage());
        return;
      }
      for (int culprit : culprits) {
        add(culprit, refusalOf(culprit, values, defaults, refusal));
        values[culprit] = defaults[culprit];
        given[culprit] = false;
      }
      refusal = known ? refusalOf(values) : null;
    }
  }

  /** The given component that the message begins with, as {@code AdamW.beta1 must be ...}. */
  private List<Integer> named(String message, boolean[] given) {
    for (int i = 0; i < components.length; i++) {
      String name = components[i].getName();
      if (given[i] && message != null && message.matches("(?s)(\\w+\\.)*" + name + "\\b.*")) {
        return List.of(i);
      }
    }
    return List.of();
  }

  private List<Integer> aloneRefused(Object[] values, Object[] defaults, boolean[] given) {
    List<Integer> refused = new ArrayList<>();
    for (int i = 0; i < components.length; i++) {
      Object[] alone = defaults.clone();
      alone[i] = values[i];
      if (given[i] && !Arrays.asList(alone).contains(null) && refusalOf(alone) != null) {
        refused.add(i);
      }
    }
    return refused;
  }

  private RuntimeException refusalOf(
      int component, Object[] values, Object[] defaults, RuntimeException otherwise) {
    Object[] alone = defaults.clone();
    alone[component] = values[component];
    if (Arrays.asList(alone).contains(null)) {
      return otherwise;
    }
    RuntimeException refusal = refusalOf(alone);
    return refusal == null ? otherwise : refusal;
  }

  private RuntimeException refusalOf(Object[] values) {
    try {
      Components.construct(type, values);
      return null;
    } catch (IllegalArgumentException | NullPointerException e) {
      return e;
    }
  }

  private void add(int component, RuntimeException refusal) {
    String name = components[component].getName();
    Given field = section.fields().get(name);
    String message =
        String.valueOf(refusal.getMessage())
            .replaceFirst("^(\\w+\\.)*" + name + " ", "")
            .replaceFirst(", got [^,]*$", "");
    problems.add(field, prefix(key).isEmpty() ? name : key + "." + name, message);
  }

  private static String prefix(String key) {
    return key.isEmpty() ? "" : key + ": ";
  }
}
