package io.batchwright.kernel.cuda;

import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernels of one device, loaded when they are first needed; of the GPU thread. Binaries that
 * were compiled here are loaded together, and if the driver refuses one the shipped texts are used
 * for all: kernels of two compilers are never mixed.
 */
final class Modules {
  private static final Logger LOG = LoggerFactory.getLogger(Modules.class);

  private final Driver driver;
  private final KernelTexts texts;
  private KernelBinaries binaries;
  private final Map<String, Object> modules = new HashMap<>();
  private final Map<String, Object> functions = new HashMap<>();

  Modules(Driver driver, KernelTexts texts, KernelBinaries binaries) {
    this.driver = driver;
    this.texts = texts;
    this.binaries = binaries;
  }

  Object function(String kernel) {
    loadBinaries();
    return functions.computeIfAbsent(kernel, this::loaded);
  }

  /** What compiled the kernels here; empty where the shipped texts are used. */
  String compiler() {
    loadBinaries();
    return binaries.compiler();
  }

  private void loadBinaries() {
    if (binaries.files().isEmpty() || !functions.isEmpty()) {
      return;
    }
    try {
      texts.kernels().forEach(kernel -> functions.put(kernel, loaded(kernel)));
    } catch (CudaFailure e) {
      LOG.warn(
          "{} takes no kernels by {}: {}; the shipped ones are used",
          driver.device(),
          binaries.compiler(),
          e.getMessage());
      binaries = KernelBinaries.NONE;
      functions.clear();
      modules.clear();
    }
  }

  private Object loaded(String kernel) {
    Object module = modules.computeIfAbsent(texts.fileOf(kernel), this::module);
    return driver.function(module, kernel);
  }

  private Object module(String file) {
    byte[] binary = binaries.files().get(file);
    return binary == null ? driver.module(texts.text(file)) : driver.module(binary);
  }
}
