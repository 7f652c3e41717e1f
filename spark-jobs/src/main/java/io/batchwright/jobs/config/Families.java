package io.batchwright.jobs.config;

import io.batchwright.technique.Techniques;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sealed families as the reader sees them: which types are one, and how members are called. */
final class Families {
  private Families() {}

  /** Whether {@code type} is chosen by a {@code name:} key. */
  static boolean isFamily(Class<?> type) {
    return type.isInterface() && type.isSealed();
  }

  /** Whether records of {@code type} are written with their name. */
  static boolean isMember(Class<?> type) {
    return type.isRecord() && familyOf(type).isPresent();
  }

  /** What a recipe calls a member: its simple name, or its class where it comes from outside. */
  static String nameOf(Class<?> member) {
    boolean listed =
        familyOf(member)
            .map(family -> Techniques.of(family).stream().anyMatch(known -> known.equals(member)))
            .orElse(false);
    return listed ? member.getSimpleName() : member.getName();
  }

  /** The names a recipe can use. */
  static List<String> names(Class<?> family) {
    List<String> names = new ArrayList<>();
    Techniques.of(family).forEach(member -> names.add(member.getSimpleName()));
    return names;
  }

  /** The member called {@code name}: one of ours, or a record from outside by its class. */
  static Optional<Class<?>> find(Class<?> family, String name) {
    for (Class<?> member : Techniques.of(family)) {
      if (member.getSimpleName().equals(name)) {
        return Optional.of(member);
      }
    }
    if (!name.contains(".")) {
      return Optional.empty();
    }
    try {
      Class<?> member = Class.forName(name, true, Thread.currentThread().getContextClassLoader());
      return member.isRecord() && family.isAssignableFrom(member)
          ? Optional.of(member)
          : Optional.empty();
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  private static Optional<Class<?>> familyOf(Class<?> type) {
    for (Class<?> parent : type.getInterfaces()) {
      if (isFamily(parent)) {
        return Optional.of(parent);
      }
      Optional<Class<?>> above = familyOf(parent);
      if (above.isPresent()) {
        return above;
      }
    }
    return Optional.empty();
  }
}
