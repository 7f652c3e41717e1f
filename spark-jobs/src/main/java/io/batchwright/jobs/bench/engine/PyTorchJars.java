package io.batchwright.jobs.bench.engine;

import io.batchwright.jobs.bench.Bench;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where PyTorch lies: the folder {@code pytorch} of the bench's further data. */
final class PyTorchJars {
  static final String MISSING =
      "PyTorch is not there: give --data DIR whose folder pytorch holds the jars"
          + " ai.djl.pytorch:pytorch-engine:0.36.0, pytorch-native-cpu:2.7.1 (linux-x86_64) and"
          + " pytorch-jni:2.7.1-0.36.0 with what they need";

  private PyTorchJars() {}

  /** Puts a TorchScript module of this package where a child can load it. */
  static void copyModule(String name, Path folder) throws IOException {
    try (InputStream in = PyTorchJars.class.getResourceAsStream(name)) {
      Files.copy(in, folder.resolve(name));
    }
  }

  static Optional<Path> of(Bench bench) {
    if (bench.recipe().data().isEmpty()) {
      return Optional.empty();
    }
    Path folder = Path.of(bench.recipe().data(), "pytorch");
    return Files.isDirectory(folder) ? Optional.of(folder) : Optional.empty();
  }
}
