package io.batchwright.kernel.cuda;

import static io.batchwright.kernel.cuda.NativeDriver.check;

import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUDA_KERNEL_NODE_PARAMS;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * A chain of kernels as a graph of the driver, which copies parameters when it is told them. The
 * graph stays beside what was made of it: its nodes name the places there.
 */
final class NativeGraph {
  // JCuda takes null for the default stream in other calls, and refuses it for a graph's start.
  private static final CUstream DEFAULT = new CUstream();

  private final NativeParameters parameters;
  private final List<CUgraphNode> nodes = new ArrayList<>();
  private final CUgraph graph = new CUgraph();
  private CUgraphExec executable; // null until the chain is whole
  private String first;
  private String last;

  /** An empty chain. */
  NativeGraph(NativeParameters parameters) {
    this.parameters = parameters;
    check("cuGraphCreate", JCudaDriver.cuGraphCreate(graph, 0));
  }

  /** Adds a launch that comes after those before. */
  void add(CUfunction function, Launch launch) {
    CUgraphNode node = new CUgraphNode();
    CUgraphNode[] after = nodes.isEmpty() ? null : new CUgraphNode[] {nodes.get(nodes.size() - 1)};
    int code =
        JCudaDriver.cuGraphAddKernelNode(
            node, graph, after, after == null ? 0 : 1, node(function, launch));
    if (code != CUresult.CUDA_SUCCESS) {
      check("cuGraphAddKernelNode of " + launch, code);
    }
    nodes.add(node);
    first = first == null ? launch.kernel() : first;
    last = launch.kernel();
  }

  /** Makes the chain ready to be started, and takes the memory that it needs on the device. */
  void finish() {
    CUgraphExec made = new CUgraphExec();
    check("cuGraphInstantiate of " + this, JCudaDriver.cuGraphInstantiate(made, graph, 0));
    executable = made;
    check("cuGraphUpload of " + this, JCudaDriver.cuGraphUpload(executable, DEFAULT));
  }

  /** Another launch of the kernel at a place, from the next start on. */
  void set(int place, CUfunction function, Launch launch) {
    int code =
        JCudaDriver.cuGraphExecKernelNodeSetParams(
            executable, nodes.get(place), node(function, launch));
    if (code != CUresult.CUDA_SUCCESS) {
      check("cuGraphExecKernelNodeSetParams of " + launch, code);
    }
  }

  void start() {
    int code = JCudaDriver.cuGraphLaunch(executable, DEFAULT);
    if (code != CUresult.CUDA_SUCCESS) {
      check("cuGraphLaunch of " + this, code);
    }
  }

  /** Gives both back; the one also where the driver fails for the other. */
  void destroy() {
    try {
      if (executable != null) {
        check("cuGraphExecDestroy", JCudaDriver.cuGraphExecDestroy(executable));
      }
    } finally {
      executable = null;
      check("cuGraphDestroy", JCudaDriver.cuGraphDestroy(graph));
    }
  }

  private CUDA_KERNEL_NODE_PARAMS node(CUfunction function, Launch launch) {
    CUDA_KERNEL_NODE_PARAMS node = new CUDA_KERNEL_NODE_PARAMS();
    node.func = function;
    node.gridDimX = launch.blocksX();
    node.gridDimY = launch.blocksY();
    node.gridDimZ = 1;
    node.blockDimX = launch.threads();
    node.blockDimY = 1;
    node.blockDimZ = 1;
    node.sharedMemBytes = launch.sharedBytes();
    node.kernelParams = parameters.of(launch);
    return node;
  }

  /** As in {@code a graph of 64 launches, scale_f32 to add_f32}. */
  @Override
  public String toString() {
    return "a graph of %d launches, %s to %s".formatted(nodes.size(), first, last);
  }
}
