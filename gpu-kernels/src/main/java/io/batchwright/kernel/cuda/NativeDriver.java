package io.batchwright.kernel.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * The driver through JCuda, which is loaded with this class: {@link CudaDevices} asks before. Work
 * goes to the default stream of the primary context, so it runs one after the other; what goes
 * beside it to a stream that does not wait for that one.
 */
final class NativeDriver implements Driver {
  private static final int SHARED_WITHOUT_ASKING = 48 << 10;

  private final Device device;
  private final CUcontext context = new CUcontext();
  private final NativeParameters parameters = new NativeParameters();
  private CUstream beside; // of the attached thread, made when it is first needed

  /**
   * Opens a device.
   *
   * @param ordinal counted over the devices that are visible to the process
   */
  NativeDriver(int ordinal) {
    check("cuInit", JCudaDriver.cuInit(0));
    int[] version = new int[1];
    check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(version));
    CUdevice handle = new CUdevice();
    check("cuDeviceGet of device " + ordinal, JCudaDriver.cuDeviceGet(handle, ordinal));
    byte[] name = new byte[256];
    check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(name, name.length, handle));
    long[] total = new long[1];
    check("cuDeviceTotalMem", JCudaDriver.cuDeviceTotalMem(total, handle));
    int major = attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    int minor = attribute(handle, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    device = new Device(text(name), major, minor, total[0], version[0]);
    check("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(context, handle));
  }

  @Override
  public Device device() {
    return device;
  }

  @Override
  public void attach() {
    check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
  }

  @Override
  public long allocate(long bytes) {
    Address address = new Address(0);
    int code = JCudaDriver.cuMemAlloc(address, bytes);
    if (code == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw new OutOfMemoryError("%,d bytes of %s".formatted(bytes, device.name()));
    }
    check("cuMemAlloc of %,d bytes".formatted(bytes), code);
    return address.value();
  }

  @Override
  public void free(long address) {
    check("cuMemFree", JCudaDriver.cuMemFree(new Address(address)));
  }

  @Override
  public ByteBuffer pinned(int bytes) {
    Pointer block = new Pointer();
    check(
        "cuMemHostAlloc of %,d bytes".formatted(bytes),
        JCudaDriver.cuMemHostAlloc(block, bytes, 0));
    return block.getByteBuffer(0, bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void write(Lane lane, ByteBuffer from, long to, int bytes) {
    check(
        "cuMemcpyHtoD of %,d bytes".formatted(bytes),
        JCudaDriver.cuMemcpyHtoDAsync(new Address(to), Pointer.to(from), bytes, stream(lane)));
  }

  @Override
  public Object mark(Lane lane, Object reuse) {
    CUevent event = (CUevent) reuse;
    if (event == null) {
      event = new CUevent();
      check(
          "cuEventCreate", JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING));
    }
    check("cuEventRecord", JCudaDriver.cuEventRecord(event, stream(lane)));
    return event;
  }

  @Override
  public void follow(Lane lane, Object mark) {
    check("cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(stream(lane), (CUevent) mark, 0));
  }

  @Override
  public void await(Object mark) {
    attach(); // a caller's own thread may wait
    check("cuEventSynchronize", JCudaDriver.cuEventSynchronize((CUevent) mark));
  }

  @Override
  public Object clock() {
    CUevent event = new CUevent();
    check("cuEventCreate", JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT));
    check("cuEventRecord", JCudaDriver.cuEventRecord(event, null));
    return event;
  }

  @Override
  public double milliseconds(Object from, Object to) {
    float[] passed = new float[1];
    await(to);
    check(
        "cuEventElapsedTime", JCudaDriver.cuEventElapsedTime(passed, (CUevent) from, (CUevent) to));
    check("cuEventDestroy", JCudaDriver.cuEventDestroy((CUevent) from));
    check("cuEventDestroy", JCudaDriver.cuEventDestroy((CUevent) to));
    return passed[0];
  }

  @Override
  public void read(Lane lane, long from, ByteBuffer to, int bytes) {
    check(
        "cuMemcpyDtoH of %,d bytes".formatted(bytes),
        JCudaDriver.cuMemcpyDtoHAsync(Pointer.to(to), new Address(from), bytes, stream(lane)));
  }

  @Override
  public void copy(long from, long to, long bytes) {
    check(
        "cuMemcpyDtoD of %,d bytes".formatted(bytes),
        JCudaDriver.cuMemcpyDtoDAsync(new Address(to), new Address(from), bytes, null));
  }

  @Override
  public void zero(long address, long bytes) {
    check(
        "cuMemsetD8 of %,d bytes".formatted(bytes),
        JCudaDriver.cuMemsetD8Async(new Address(address), (byte) 0, bytes, null));
  }

  @Override
  public Object module(String ptx) {
    CUmodule module = new CUmodule();
    check("cuModuleLoadData", JCudaDriver.cuModuleLoadData(module, ptx));
    return module;
  }

  @Override
  public Object module(byte[] binary) {
    CUmodule module = new CUmodule();
    check(
        "cuModuleLoadData of a binary of %,d bytes".formatted(binary.length),
        JCudaDriver.cuModuleLoadData(module, binary));
    return module;
  }

  @Override
  public Object function(Object module, String kernel) {
    CUfunction function = new CUfunction();
    check(
        "cuModuleGetFunction of " + kernel,
        JCudaDriver.cuModuleGetFunction(function, (CUmodule) module, kernel));
    return new Kernel(function);
  }

  /** A kernel, and for how much shared memory it is ready. */
  private static final class Kernel {
    private final CUfunction function;
    private int sharedBytes = SHARED_WITHOUT_ASKING;

    Kernel(CUfunction function) {
      this.function = function;
    }

    /** A graph keeps needing what one of its launches asked for, so this never gets less. */
    CUfunction readyFor(Launch launch) {
      if (launch.sharedBytes() > sharedBytes) {
        check(
            "cuFuncSetAttribute of %s, %,d bytes of shared memory"
                .formatted(launch.kernel(), launch.sharedBytes()),
            JCudaDriver.cuFuncSetAttribute(
                function,
                CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                launch.sharedBytes()));
        sharedBytes = launch.sharedBytes();
      }
      return function;
    }
  }

  @Override
  public void launch(Object function, Launch launch) {
    int code =
        JCudaDriver.cuLaunchKernel(
            ((Kernel) function).readyFor(launch),
            launch.blocksX(),
            launch.blocksY(),
            1,
            launch.threads(),
            1,
            1,
            launch.sharedBytes(),
            null,
            parameters.of(launch),
            null);
    if (code != CUresult.CUDA_SUCCESS) {
      check("launch " + launch, code);
    }
  }

  @Override
  public Object graph(List<Object> functions, List<Launch> launches) {
    NativeGraph graph = new NativeGraph(parameters);
    try {
      for (int i = 0; i < launches.size(); i++) {
        Launch launch = launches.get(i);
        graph.add(((Kernel) functions.get(i)).readyFor(launch), launch);
      }
      graph.finish();
    } catch (CudaFailure e) {
      graph.destroy();
      throw e;
    }
    return graph;
  }

  @Override
  public void set(Object graph, int place, Object function, Launch launch) {
    ((NativeGraph) graph).set(place, ((Kernel) function).readyFor(launch), launch);
  }

  @Override
  public void start(Object graph) {
    ((NativeGraph) graph).start();
  }

  @Override
  public void destroy(Object graph) {
    ((NativeGraph) graph).destroy();
  }

  @Override
  public void synchronize() {
    check("cuCtxSynchronize", JCudaDriver.cuCtxSynchronize());
  }

  private CUstream stream(Lane lane) {
    if (lane == Lane.WORK) {
      return null;
    }
    if (beside == null) {
      CUstream made = new CUstream();
      check(
          "cuStreamCreate",
          JCudaDriver.cuStreamCreate(made, CUstream_flags.CU_STREAM_NON_BLOCKING));
      beside = made;
    }
    return beside;
  }

  private static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, attribute, device));
    return value[0];
  }

  static void check(String call, int code) {
    if (code != CUresult.CUDA_SUCCESS) {
      throw new CudaFailure(call + " failed: " + CUresult.stringFor(code) + " (" + code + ")");
    }
  }

  private static String text(byte[] zeroTerminated) {
    String all = new String(zeroTerminated, StandardCharsets.US_ASCII);
    int end = all.indexOf(0);
    return end < 0 ? all : all.substring(0, end);
  }

  /** A device address as JCuda wants it; JCuda shows no constructor from a number. */
  private static final class Address extends CUdeviceptr {
    Address(long value) {
      super(new CUdeviceptr(), value);
    }

    long value() {
      return getNativePointer() + getByteOffset();
    }
  }
}
