package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Backend;
import io.batchwright.kernel.Precision;
import io.batchwright.tensor.DType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The GPUs of this process. Whether there is one is found out step by step, because JCuda's driver
 * class cannot be touched without a driver: first its natives are unpacked, then its runtime class
 * is asked, which answers on any machine, then the driver is opened, then a kernel of 32 elements
 * must give the right sums. What was found holds for the life of the process.
 */
public final class CudaDevices {
  private static final Logger LOG = LoggerFactory.getLogger(CudaDevices.class);
  private static final int SMALLEST_CAPABILITY = 8;
  private static final int NO_DRIVER = 35;
  private static final int NO_DEVICE = 100;
  private static final int SELF_TEST = 32;

  private static final Map<Integer, CudaDevice> OPEN = new HashMap<>();
  private static final Map<Integer, String> ABSENT = new HashMap<>();

  private CudaDevices() {}

  /**
   * A backend on a device. Backends of the same device share its thread and its memory.
   *
   * @param ordinal counted over the devices that are visible to this process, from 0
   * @param precision of its matrix products
   * @throws CudaFailure with the reason if there is no such device that can be used
   * @throws IllegalArgumentException for a wrong value of {@code -Dbatchwright.cuda.provider} or
   *     {@code -Dbatchwright.cuda.graphs}, whether there is a device or not
   */
  public static synchronized Backend open(int ordinal, Precision precision) {
    ProductProvider provider = ProductProvider.configured(); // before anything is opened
    CudaBackend backend = backendOn(device(ordinal), provider, precision);
    return LaunchGraphs.configured() ? backend.repeating() : backend;
  }

  private static CudaDevice device(int ordinal) {
    boolean graphs = LaunchGraphs.configured();
    CudaDevice device = OPEN.get(ordinal);
    if (device == null) {
      if (ABSENT.containsKey(ordinal)) {
        throw new CudaFailure(ABSENT.get(ordinal));
      }
      try {
        device = probe(ordinal, graphs);
      } catch (CudaFailure e) {
        ABSENT.put(ordinal, e.getMessage());
        throw e;
      }
      OPEN.put(ordinal, device);
      LOG.info("GPU {}: {}", ordinal, device.properties());
    }
    return device;
  }

  /**
   * The device with each provider of products in each precision, for checks and measurements: our
   * own, and where there is one the host's cuBLAS. By name.
   *
   * @param withFaster whether the faster of both too: which that is, is measured and kept where it
   *     is not known, so not for checks under a tool that changes times
   * @throws CudaFailure as {@link #open}
   */
  public static synchronized Map<String, Backend> variants(int ordinal, boolean withFaster) {
    return variants(device(ordinal), withFaster);
  }

  /**
   * Whether what comes again is started as CUDA graphs on the device of a backend, for checks and
   * measurements; nothing changes where the backend is not a GPU's. {@code
   * -Dbatchwright.cuda.graphs} says it for a process.
   *
   * @return whether it was until now
   */
  public static boolean useGraphs(Backend backend, boolean wanted) {
    return backend instanceof CudaBackend cuda && cuda.cuda().useGraphs(wanted);
  }

  /**
   * The same backend, to which batches are filled up so that their launches come again, for checks
   * and measurements; the backend itself where it is not a GPU's. {@code
   * -Dbatchwright.cuda.graphs=auto} says it for a process.
   */
  public static Backend repeating(Backend backend) {
    return backend instanceof CudaBackend cuda ? cuda.repeating() : backend;
  }

  /** What was started on the device of a backend since graphs were last wanted or not. */
  public static Started started(Backend backend) {
    if (backend instanceof CudaBackend cuda) {
      LaunchGraphs.Counts counts = cuda.cuda().graphs();
      return new Started(counts.together(), counts.singly(), counts.graphs());
    }
    return new Started(0, 0, 0);
  }

  /**
   * Launches of a device.
   *
   * @param byGraphs launches that graphs started
   * @param singly launches that were started one by one
   * @param graphs that are kept
   */
  public record Started(long byGraphs, long singly, int graphs) {
    /** The share of launches by graphs since then, from 0 to 1. */
    public double shareSince(Started before) {
      double launches = byGraphs + singly - (before.byGraphs + before.singly);
      return launches == 0 ? 0 : (byGraphs - before.byGraphs) / launches;
    }
  }

  static Map<String, Backend> variants(CudaDevice device, boolean withFaster) {
    Map<String, Backend> variants = new LinkedHashMap<>();
    for (Precision precision : Precision.values()) {
      List<Products> providers = new ArrayList<>();
      providers.add(new OwnProducts(device, precision));
      HostCublas.find(device, precision).ifPresent(providers::add);
      if (precision == Precision.BF16) {
        HostCublas.find(device, precision, true).ifPresent(providers::add);
      }
      providers.forEach(
          products -> variants.put(products.name(), new CudaBackend(device, products)));
    }
    if (withFaster) {
      for (Precision precision : Precision.values()) {
        Products faster = ProductProvider.AUTO.on(device, precision);
        variants.putIfAbsent(faster.name(), new CudaBackend(device, faster));
      }
    }
    return variants;
  }

  static CudaBackend backendOn(CudaDevice device, ProductProvider provider, Precision precision) {
    return new CudaBackend(device, provider.on(device, precision));
  }

  private static CudaDevice probe(int ordinal, boolean graphs) {
    if (!JCudaNatives.present()) {
      throw new CudaFailure("JCuda's native libraries for this platform are not on the class path");
    }
    try {
      JCudaNatives.load("jcuda.runtime.JCuda");
      AfterRuntime.requireDevice(ordinal);
      JCudaNatives.load("jcuda.driver.JCudaDriver");
      Driver driver = AfterDriver.open(ordinal);
      CudaDevice device =
          new CudaDevice(driver, "gpu-" + ordinal, KernelBinaries.configured(driver.device()));
      selfTest(device);
      device.useGraphs(graphs);
      return device;
    } catch (IOException e) {
      throw new CudaFailure("JCuda's native libraries cannot be unpacked: " + e, e);
    } catch (LinkageError e) {
      throw new CudaFailure("JCuda did not load: " + firstLine(e), e);
    }
  }

  /** Fails unless the kernels load and one of them is right. */
  static void selfTest(CudaDevice device) {
    Driver.Device properties = device.properties();
    requireCapable(properties);
    device.loadAll();
    long block = device.allocate(8L * SELF_TEST);
    try {
      float[] values = new float[SELF_TEST];
      for (int i = 0; i < SELF_TEST; i++) {
        values[i] = i + 0.5f;
      }
      device.transfers().write(values, block);
      device.launch(
          Launch.elements("scale_f32", SELF_TEST)
              .number(block)
              .number(block + 4L * SELF_TEST)
              .number(SELF_TEST)
              .scalar(DType.F32, 3));
      float[] got = new float[SELF_TEST];
      device.transfers().read(block + 4L * SELF_TEST, got);
      for (int i = 0; i < SELF_TEST; i++) {
        if (got[i] != 3 * values[i]) {
          throw new CudaFailure(
              "a kernel gave %s instead of %s on %s".formatted(got[i], 3 * values[i], properties));
        }
      }
    } finally {
      device.free(block);
    }
  }

  static void requireCapable(Driver.Device device) {
    if (device.major() < SMALLEST_CAPABILITY) {
      throw new CudaFailure(
          device + " is too old: the kernels need compute capability 8.0 (Ampere) or later");
    }
  }

  private static String firstLine(Throwable e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().filter(line -> line.contains(".so")).findFirst().orElse(message).strip();
  }

  /** Touches JCuda's runtime class, which loads without a driver. */
  private static final class AfterRuntime {
    static void requireDevice(int ordinal) {
      int[] count = new int[1];
      int code = jcuda.runtime.JCuda.cudaGetDeviceCount(count);
      if (code == NO_DRIVER) {
        throw new CudaFailure("no CUDA driver (libcuda.so.1) of version 12.0 or later was found");
      }
      if (code == NO_DEVICE || code == 0 && count[0] == 0) {
        throw new CudaFailure("the CUDA driver sees no GPU");
      }
      if (code != 0) {
        throw new CudaFailure("cudaGetDeviceCount failed with code " + code);
      }
      if (ordinal >= count[0]) {
        throw new CudaFailure(
            "GPU %d was asked for, the driver sees %d".formatted(ordinal, count[0]));
      }
    }
  }

  /** Touches JCuda's driver class. */
  private static final class AfterDriver {
    static Driver open(int ordinal) {
      return new NativeDriver(ordinal);
    }
  }
}
