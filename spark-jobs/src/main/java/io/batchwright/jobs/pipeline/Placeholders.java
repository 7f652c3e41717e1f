package io.batchwright.jobs.pipeline;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Puts a value in the place of {@code {snapshot}} in every text of a recipe. */
final class Placeholders {
  static final String SNAPSHOT = "{snapshot}";

  private Placeholders() {}

  /** {@code value}, a text, record, list or optional, with each placeholder replaced. */
  @SuppressWarnings("unchecked")
  static <T> T replace(T value, String snapshot) {
    if (value instanceof String text) {
      return (T) text.replace(SNAPSHOT, snapshot);
    }
    if (value instanceof List<?> items) {
      List<Object> replaced = new ArrayList<>();
      items.forEach(item -> replaced.add(replace(item, snapshot)));
      return (T) List.copyOf(replaced);
    }
    if (value instanceof Optional<?> optional) {
      return (T) optional.map(inside -> replace(inside, snapshot));
    }
    return value instanceof Record ? record(value, snapshot) : value;
  }

  @SuppressWarnings("unchecked")
  private static <T> T record(T value, String snapshot) {
    RecordComponent[] components = value.getClass().getRecordComponents();
    try {
      Object[] values = new Object[components.length];
      for (int i = 0; i < values.length; i++) {
        components[i].getAccessor().setAccessible(true);
        values[i] = replace(components[i].getAccessor().invoke(value), snapshot);
      }
      Constructor<?> constructor =
          value
              .getClass()
              .getDeclaredConstructor(
                  Arrays.stream(components).map(RecordComponent::getType).toArray(Class[]::new));
      constructor.setAccessible(true);
      return (T) constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
