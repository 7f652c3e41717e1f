package io.batchwright.kernel.cuda;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A driver that remembers launches, those of graphs as well, and runs nothing; its memory keeps
 * what is written to it.
 */
final class RecordingDriver implements Driver {
  final List<Launch> launches = new CopyOnWriteArrayList<>();
  volatile Runnable onAwait = () -> {};
  volatile int mostGraphs = Integer.MAX_VALUE; // then it refuses one
  volatile int graphs;
  volatile boolean nextDestroyFails;

  /** Launches, copies, marks and who waits for them, in the order of calls. */
  final List<String> order = new CopyOnWriteArrayList<>();

  private int marks;
  private final TreeMap<Long, byte[]> blocks = new TreeMap<>();
  private long next = 1 << 20;

  static Launch onlyLaunch(List<Launch> launches) {
    if (launches.size() != 1) {
      throw new AssertionError("one launch expected, got " + launches);
    }
    return launches.get(0);
  }

  @Override
  public Device device() {
    return new Device("a recording", 9, 0, 1L << 40, 12040);
  }

  @Override
  public void attach() {}

  @Override
  public long allocate(long bytes) {
    long address = next;
    blocks.put(address, new byte[Math.toIntExact(bytes)]);
    next += (bytes + 4095) / 4096 * 4096;
    return address;
  }

  @Override
  public void free(long address) {
    blocks.remove(address);
  }

  @Override
  public ByteBuffer pinned(int bytes) {
    return ByteBuffer.allocateDirect(bytes);
  }

  @Override
  public void write(Lane lane, ByteBuffer from, long to, int bytes) {
    order.add("write " + lane);
    Map.Entry<Long, byte[]> block = blocks.floorEntry(to);
    from.get(0, block.getValue(), (int) (to - block.getKey()), bytes);
  }

  @Override
  public void read(Lane lane, long from, ByteBuffer to, int bytes) {
    order.add("read " + lane);
    Map.Entry<Long, byte[]> block = blocks.floorEntry(from);
    to.put(0, block.getValue(), (int) (from - block.getKey()), bytes);
  }

  @Override
  public Object mark(Lane lane, Object reuse) {
    String mark = reuse == null ? "mark" + marks++ : (String) reuse;
    order.add(mark + " of " + lane);
    return mark;
  }

  @Override
  public void follow(Lane lane, Object mark) {
    order.add(lane + " follows " + mark);
  }

  @Override
  public void await(Object mark) {
    onAwait.run();
  }

  @Override
  public Object clock() {
    return "clock";
  }

  @Override
  public double milliseconds(Object from, Object to) {
    return 1;
  }

  @Override
  public void copy(long from, long to, long bytes) {
    order.add("copy");
  }

  @Override
  public void zero(long address, long bytes) {
    order.add("zero");
  }

  @Override
  public Object module(String ptx) {
    return ptx;
  }

  @Override
  public Object module(byte[] binary) {
    return binary;
  }

  @Override
  public Object function(Object module, String kernel) {
    return kernel;
  }

  @Override
  public void launch(Object function, Launch launch) {
    if (!function.equals(launch.kernel())) {
      throw new AssertionError(function + " is not " + launch.kernel());
    }
    launches.add(launch);
    order.add(launch.kernel());
  }

  @Override
  public Object graph(List<Object> functions, List<Launch> of) {
    if (graphs == mostGraphs) {
      throw new CudaFailure("no more graphs");
    }
    graphs++;
    order.add("graph of " + of.size());
    return new ArrayList<>(of);
  }

  @Override
  @SuppressWarnings("unchecked")
  public void set(Object graph, int place, Object function, Launch launch) {
    if (!((List<Launch>) graph).get(place).hasShapeOf(launch)) {
      throw new AssertionError(launch + " has another shape");
    }
    ((List<Launch>) graph).set(place, launch);
    order.add("set " + place);
  }

  @Override
  @SuppressWarnings("unchecked")
  public void start(Object graph) {
    launches.addAll((List<Launch>) graph);
    order.add("start");
  }

  @Override
  public void destroy(Object graph) {
    if (nextDestroyFails) {
      nextDestroyFails = false;
      throw new CudaFailure("cuGraphDestroy failed");
    }
    graphs--;
    order.add("destroy");
  }

  @Override
  public void synchronize() {}
}
