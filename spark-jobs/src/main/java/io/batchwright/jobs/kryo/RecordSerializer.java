package io.batchwright.jobs.kryo;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;

/**
 * Writes records component by component and reads them through their canonical constructor.
 *
 * <p>Kryo 4, which Spark ships, reaches fields by offset, and the JVM gives none for records.
 * Components must be what Kryo itself can read: primitives, their arrays, strings, enums, records.
 */
public final class RecordSerializer extends Serializer<Record> {
  /** A serializer for every record type; records are immutable. */
  public RecordSerializer() {
    super(true, true);
  }

  @Override
  public void write(Kryo kryo, Output output, Record value) {
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      kryo.writeClassAndObject(output, read(value, component));
    }
  }

  @Override
  public Record read(Kryo kryo, Input input, Class<Record> type) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = kryo.readClassAndObject(input);
    }
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<Record> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("cannot construct " + type.getName(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot construct " + type.getName(), e);
    }
  }

  private static Object read(Record value, RecordComponent component) {
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }
}
