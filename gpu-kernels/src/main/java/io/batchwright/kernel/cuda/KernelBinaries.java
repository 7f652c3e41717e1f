package io.batchwright.kernel.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernels compiled for a device's own architecture by the host's {@link Nvrtc}, all or none.
 * Binaries are kept in {@link CacheFolder}, each by its source, the architecture, the compiler's
 * options, the newest CUDA of the driver, and NVRTC's version.
 *
 * @param compiler as in {@code NVRTC 13.0 for sm_90a}; empty if there are none
 * @param files binaries by the name of their file, without its ending
 */
record KernelBinaries(String compiler, Map<String, byte[]> files) {
  /** The shipped PTX is used. */
  static final KernelBinaries NONE = new KernelBinaries("", Map.of());

  private static final Logger LOG = LoggerFactory.getLogger(KernelBinaries.class);
  private static final String HEADER = "device.cuh";

  /** Those that {@link Nvrtc#PROPERTY} asks for. */
  static KernelBinaries configured(Driver.Device device) {
    Optional<Nvrtc> nvrtc = Nvrtc.configured();
    return nvrtc.isEmpty()
        ? NONE
        : of(device, nvrtc.get(), KernelBinaries::packaged, CacheFolder.configured());
  }

  /**
   * Compiles what was not kept; says why and gives {@link #NONE} if anything fails.
   *
   * @param sources gives a file's text by its name
   */
  static KernelBinaries of(
      Driver.Device device, Nvrtc nvrtc, UnaryOperator<String> sources, CacheFolder cache) {
    String architecture = architecture(device);
    String compiler = "NVRTC %s for %s".formatted(nvrtc.version(), architecture);
    long start = System.nanoTime();
    int compiled = 0;
    try {
      String header = sources.apply(HEADER);
      Map<String, byte[]> files = new HashMap<>();
      for (String file : KernelTexts.FILES) {
        String source = sources.apply(file + ".cu");
        String made =
            "%s, CUDA %d\n%s\n%s%s"
                .formatted(
                    compiler,
                    device.driverVersion(),
                    String.join(" ", Nvrtc.options(architecture)),
                    header,
                    source);
        String name =
            "%s-%s.cubin"
                .formatted(
                    file, CacheFolder.hash(made.getBytes(StandardCharsets.UTF_8)).substring(0, 16));
        Optional<byte[]> kept = cache.read(name);
        if (kept.isPresent()) {
          files.put(file, kept.get());
        } else {
          byte[] binary = nvrtc.compile(file + ".cu", source, header, architecture);
          files.put(file, cache.keep(name, binary, other -> true).orElse(binary));
          compiled++;
        }
      }
      LOG.info(
          "Kernels by {}: {} of {} files compiled in {} ms, the others kept from before",
          compiler,
          compiled,
          files.size(),
          (System.nanoTime() - start) / 1_000_000);
      return new KernelBinaries(compiler, files);
    } catch (CudaFailure | LinkageError | UncheckedIOException e) {
      LOG.warn("Kernels by {} failed: {}; the shipped ones are used", compiler, e.getMessage());
      return NONE;
    }
  }

  /** What architecture-specific instructions need where there are any: the {@code a} of Hopper. */
  static String architecture(Driver.Device device) {
    boolean hopper = device.major() == 9 && device.minor() == 0;
    return "sm_%d%d%s".formatted(device.major(), device.minor(), hopper ? "a" : "");
  }

  private static String packaged(String name) {
    try (InputStream in = KernelBinaries.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new CudaFailure("the source " + name + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
