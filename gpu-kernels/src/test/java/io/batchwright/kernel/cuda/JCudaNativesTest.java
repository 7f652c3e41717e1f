package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.kernel.Backends;
import io.batchwright.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unpacking by several JVMs at once, and that nothing of JCuda is loaded before it is needed. */
class JCudaNativesTest {
  @TempDir Path folder;

  @Test
  void fourJvmsThatStartTogetherAllLoadWholeLibraries() throws Exception {
    Assumptions.assumeTrue(JCudaNatives.present(), "no JCuda for this platform");
    for (int round = 0; round < 3; round++) {
      Path temporary = Files.createDirectory(folder.resolve("round" + round));
      List<Process> jvms = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        jvms.add(jvm(temporary, LoadJCuda.class, "log" + round + "-" + i));
      }
      for (int i = 0; i < 4; i++) {
        assertThat(jvms.get(i).waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(jvms.get(i).exitValue())
            .as(Files.readString(folder.resolve("log" + round + "-" + i)))
            .isZero();
      }
      try (Stream<Path> left = Files.walk(temporary)) {
        assertThat(left.filter(Files::isRegularFile).map(file -> file.getFileName().toString()))
            .containsExactlyInAnyOrder(
                "libJCudaRuntime-12.6.0-linux-x86_64.so", "libJCudaDriver-12.6.0-linux-x86_64.so");
      }
    }
  }

  @Test
  void anotherFolderCanBeNamed() throws Exception {
    Assumptions.assumeTrue(JCudaNatives.present(), "no JCuda for this platform");
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    Path named = folder.resolve("native/jcuda");
    Process jvm = jvm(temporary, LoadJCuda.class, "log", "-Dbatchwright.cuda.natives=" + named);
    assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(jvm.exitValue()).as(Files.readString(folder.resolve("log"))).isZero();
    assertThat(temporary).isEmptyDirectory();
    assertThat(named).isNotEmptyDirectory();
  }

  @Test
  void theCpuBackendLoadsNothingOfJCuda() throws Exception {
    Process jvm = jvm(folder, CpuOnly.class, "log", "-Xlog:class+load");
    assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String log = Files.readString(folder.resolve("log"));
    assertThat(jvm.exitValue()).as(log).isZero();
    assertThat(log).contains("io.batchwright.kernel.cpu.CpuBackend").doesNotContain(" jcuda.");
  }

  @Test
  void aFolderThatOthersMayWriteToIsNotUsed() throws IOException {
    Assumptions.assumeTrue(JCudaNatives.present(), "no JCuda for this platform");
    Path first = JCudaNatives.unpack(folder);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first)))
        .isEqualTo("rwx------");
    assertThat(JCudaNatives.unpack(folder)).isEqualTo(first);
    Files.setPosixFilePermissions(first, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path other = JCudaNatives.unpack(folder);
    assertThat(other).isNotEqualTo(first).exists();
  }

  private Process jvm(Path temporary, Class<?> program, String log, String... flags)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of(flags));
    command.add("-Djava.io.tmpdir=" + temporary);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(log).toFile())
        .start();
  }

  /** Loads the runtime as the probe does. */
  static final class LoadJCuda {
    public static void main(String[] arguments) throws IOException {
      JCudaNatives.load("jcuda.runtime.JCuda");
      jcuda.runtime.JCuda.cudaGetDeviceCount(new int[1]);
    }
  }

  /** Trains nothing, but multiplies. */
  static final class CpuOnly {
    public static void main(String[] arguments) {
      try (var backend = Backends.select("java");
          var arena = backend.arena("test")) {
        var a = arena.floats("a", new float[] {1, 2, 3, 4}, 2, 2);
        backend.matmul(a, a, arena.allocate("out", DType.F32, 2, 2));
      }
    }
  }
}
