package io.batchwright.technique;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Reads the members of a technique family from its {@code permits} clause, which is the registry.
 *
 * <p>A member is a record; its name in a recipe is its simple class name. Each family has one
 * {@code non-sealed} member for techniques from outside, which recipes name by fully qualified
 * class.
 */
public final class Techniques {
  private Techniques() {}

  /**
   * The members of {@code family} that Batchwright ships, in the order of their names.
   *
   * @throws IllegalArgumentException if {@code family} is not sealed
   */
  public static <T> List<Class<? extends T>> of(Class<T> family) {
    if (!family.isSealed()) {
      throw new IllegalArgumentException(family.getName() + " is not a sealed family");
    }
    List<Class<? extends T>> members = new ArrayList<>();
    for (Class<?> member : family.getPermittedSubclasses()) {
      if (member.isRecord()) {
        members.add(member.asSubclass(family));
      } else if (member.isSealed()) {
        members.addAll(of(member.asSubclass(family)));
      }
    }
    members.sort(Comparator.comparing(Class::getSimpleName));
    return List.copyOf(members);
  }

  /** The member of {@code family} named {@code name}, or empty. */
  public static <T> Optional<Class<? extends T>> find(Class<T> family, String name) {
    return of(family).stream().filter(member -> member.getSimpleName().equals(name)).findFirst();
  }

  /**
   * The constant {@code PAPER} or {@code DEFAULTS} of a recipe record, or empty where it has
   * neither.
   */
  public static Optional<Object> defaults(Class<?> recipe) {
    for (String name : List.of("PAPER", "DEFAULTS")) {
      try {
        Field field = recipe.getField(name);
        if (Modifier.isStatic(field.getModifiers()) && recipe.isAssignableFrom(field.getType())) {
          return Optional.ofNullable(field.get(null));
        }
      } catch (NoSuchFieldException e) {
        // The next name may exist; having neither is legal.
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(recipe.getName() + "." + name + " is not readable", e);
      }
    }
    return Optional.empty();
  }
}
