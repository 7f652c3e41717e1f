package io.batchwright.jobs.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.SparkConf;

/**
 * Where native libraries are unpacked, for machines whose /tmp or home folder forbids execution.
 *
 * <p>Set by {@code spark.batchwright.nativeDir}, or by the environment variable {@code
 * BATCHWRIGHT_NATIVE_DIR} of the driver; executors get it with their session. The folder's parent
 * must exist on every machine and allow execution; JVMs of one machine may share it.
 *
 * @param path an absolute path, the same on every machine
 */
record NativeFolder(String path) {
  static final String SETTING = "spark.batchwright.nativeDir";
  static final String VARIABLE = "BATCHWRIGHT_NATIVE_DIR";
  private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";

  /** The folder that {@code conf} or the environment names. */
  static Optional<NativeFolder> of(SparkConf conf) {
    return of(conf, System.getenv());
  }

  static Optional<NativeFolder> of(SparkConf conf, Map<String, String> environment) {
    String path = conf.get(SETTING, environment.getOrDefault(VARIABLE, ""));
    return path.isBlank()
        ? Optional.empty()
        : Optional.of(new NativeFolder(Path.of(path).toAbsolutePath().toString()));
  }

  /** Adds this folder to the options of executors, before what the user gives them. */
  void giveToExecutors(SparkConf conf) {
    String options =
        libraries().entrySet().stream()
            .map(entry -> quoted("-D" + entry.getKey() + "=" + entry.getValue()))
            .reduce("", (a, b) -> a + b + " ");
    String given = conf.get(EXECUTOR_OPTIONS, "");
    if (!given.startsWith(options.strip())) {
      conf.set(EXECUTOR_OPTIONS, (options + given).strip());
    }
  }

  /** Makes this process unpack here what it has not loaded yet. */
  void useInThisProcess() {
    libraries()
        .forEach(
            (name, value) -> {
              if (System.getProperty(name) == null) {
                System.setProperty(name, value);
              }
            });
    try {
      Files.createDirectories(Path.of(path));
    } catch (IOException e) {
      throw FileFailure.of(e, "use " + path + " for native libraries");
    }
  }

  /**
   * What JavaCPP (OpenBLAS, oneDNN), DJL (tokenizers), our JCuda loader and JNA read; all make the
   * folder themselves.
   */
  private Map<String, String> libraries() {
    return new TreeMap<>(
        Map.of(
            "org.bytedeco.javacpp.cachedir", path + "/javacpp",
            "DJL_CACHE_DIR", path + "/djl",
            "batchwright.cuda.natives", path + "/jcuda",
            "jna.tmpdir", path + "/jna"));
  }

  private static String quoted(String option) {
    return option.contains(" ") ? '"' + option + '"' : option;
  }
}
