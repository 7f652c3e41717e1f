package io.batchwright.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class NativeFolderTest {
  private static final String OPTIONS = "spark.executor.extraJavaOptions";

  @Test
  void executorsGetTheFolderBeforeWhatTheUserGivesThem() {
    SparkConf conf = new SparkConf(false).set(OPTIONS, "-XX:+UseSerialGC");
    NativeFolder folder =
        NativeFolder.of(conf, Map.of(NativeFolder.VARIABLE, "/opt/native")).orElseThrow();
    folder.giveToExecutors(conf);
    folder.giveToExecutors(conf);
    assertThat(conf.get(OPTIONS))
        .isEqualTo(
            "-DDJL_CACHE_DIR=/opt/native/djl"
                + " -Dbatchwright.cuda.natives=/opt/native/jcuda -Djna.tmpdir=/opt/native/jna"
                + " -Dorg.bytedeco.javacpp.cachedir=/opt/native/javacpp -XX:+UseSerialGC");
  }

  @Test
  void aSettingOfTheSessionWinsOverTheEnvironment() {
    SparkConf conf = new SparkConf(false).set(NativeFolder.SETTING, "/shared/native");
    assertThat(NativeFolder.of(conf, Map.of(NativeFolder.VARIABLE, "/opt/native")))
        .contains(new NativeFolder("/shared/native"));
  }

  @Test
  void aPathWithSpacesIsQuoted() {
    SparkConf conf = new SparkConf(false);
    new NativeFolder("/opt/my natives").giveToExecutors(conf);
    assertThat(conf.get(OPTIONS)).contains("\"-DDJL_CACHE_DIR=/opt/my natives/djl\"");
  }

  @Test
  void withoutEitherNothingChanges() {
    assertThat(NativeFolder.of(new SparkConf(false), Map.of())).isEmpty();
  }
}
