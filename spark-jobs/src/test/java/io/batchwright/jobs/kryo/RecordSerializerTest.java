package io.batchwright.jobs.kryo;

import static org.assertj.core.api.Assertions.assertThat;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import io.batchwright.jobs.config.Garden.Rose;
import io.batchwright.jobs.run.JobGroup;
import io.batchwright.technique.Techniques;
import io.batchwright.train.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.junit.jupiter.api.Test;

class RecordSerializerTest {
  record Inner(String text, double number) {}

  record Every(
      boolean flag, int whole, long large, double real, String text, JobGroup group, Inner inner) {}

  record Arrays(int[] tokens, long[] ids, float[] values, byte[] bytes) {}

  @Test
  void recordsComeBackEqual() {
    Every every = new Every(true, -1, 1L << 40, 0.1, "\u00e4", JobGroup.HELP, new Inner("x", 2));
    Kryo kryo = strict(Every.class, Inner.class, JobGroup.class);

    assertThat(roundTrip(kryo, every)).isEqualTo(every);
  }

  @Test
  void nullComponentsComeBackNull() {
    Inner inner = new Inner(null, 1);
    assertThat(roundTrip(strict(Inner.class), inner)).isEqualTo(inner);
  }

  @Test
  void arraysOfPrimitivesComeBackEqual() {
    Arrays arrays =
        new Arrays(new int[] {1, 2}, new long[] {3}, new float[] {4.5f}, new byte[] {6});

    Arrays back =
        (Arrays)
            roundTrip(
                strict(Arrays.class, int[].class, long[].class, float[].class, byte[].class),
                arrays);

    assertThat(back.tokens()).containsExactly(1, 2);
    assertThat(back.ids()).containsExactly(3);
    assertThat(back.values()).containsExactly(4.5f);
    assertThat(back.bytes()).containsExactly(6);
  }

  @Test
  void theSameRecordTwiceInAGraphIsRead() {
    Inner inner = new Inner("x", 1);
    Kryo kryo = strict(Inner.class, Object[].class);
    assertThat((Object[]) roundTrip(kryo, new Object[] {inner, inner}))
        .containsExactly(inner, inner);
  }

  @Test
  void techniquesComeBackEqual() {
    List<Object> techniques = new ArrayList<>(List.of(Rose.PAPER));
    Techniques.of(Optimizer.class)
        .forEach(member -> Techniques.defaults(member).ifPresent(techniques::add));
    Kryo kryo =
        strict(
            Stream.concat(techniques.stream().map(Object::getClass), Stream.of(Rose.class))
                .toArray(Class<?>[]::new));

    for (Object technique : techniques) {
      assertThat(roundTrip(kryo, technique)).isEqualTo(technique);
    }
  }

  /** Kryo as Spark makes it, refusing every class that is not named. */
  private static Kryo strict(Class<?>... classes) {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.kryo.registrator", BatchwrightKryoRegistrator.class.getName())
            .set("spark.kryo.registrationRequired", "true");
    Kryo kryo = new KryoSerializer(conf).newKryo();
    for (Class<?> type : classes) {
      kryo.register(type);
    }
    return kryo;
  }

  private static Object roundTrip(Kryo kryo, Object value) {
    Output output = new Output(1024, -1);
    kryo.writeClassAndObject(output, value);
    return kryo.readClassAndObject(new Input(output.toBytes()));
  }
}
