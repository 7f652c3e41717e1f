package io.batchwright.jobs.kryo;

import com.esotericsoftware.kryo.Kryo;
import org.apache.spark.serializer.KryoRegistrator;

/**
 * Makes records work in sessions that use Kryo: {@code
 * spark.kryo.registrator=io.batchwright.jobs.kryo.BatchwrightKryoRegistrator}.
 *
 * <p>It registers no classes, so that class ids of the user's own registrators stay as they are;
 * and it never asks for {@code registrationRequired}, which breaks Delta's writes and MLlib's
 * k-means.
 */
public final class BatchwrightKryoRegistrator implements KryoRegistrator {
  @Override
  public void registerClasses(Kryo kryo) {
    kryo.addDefaultSerializer(Record.class, RecordSerializer.class);
  }
}
