/**
 * One NVIDIA GPU a process, through JCuda's driver API. The CPU backend is the oracle: the same
 * contract tests run on both.
 *
 * <p>Reading order: {@link io.batchwright.kernel.cuda.CudaDevices} (whether there is a GPU), {@code
 * CudaDevice} (its one thread, its modules), {@code Driver} and {@code Launch} (what is said to
 * it), {@code GpuThread} and {@code LaunchGraphs} (in which order, and how many at a time), {@code
 * CudaMemory}, {@link io.batchwright.kernel.cuda.CudaBackend} and the groups of kernels that it
 * joins; the kernels themselves are in {@code src/main/cuda}, {@code Products} are the providers of
 * matrix products, and {@code ProductProvider} says which of them multiplies what. {@code Modules}
 * loads the kernels: as shipped, or as {@code KernelBinaries} compiled them here.
 *
 * <p>To add a kernel: a function in a file of {@code src/main/cuda}, whose head says what it is and
 * which faster version could follow; its launch in the group's class; {@code bin/compile-kernels};
 * a case in the contract test of the group.
 *
 * <p>Decisions. Kernels ship as PTX of compute capability 8.0 that drivers since r525 compile. They
 * include nothing and are compiled without contraction, so every compiler gives the same bits, and
 * the tests run the very same source on the CPU. No atomics: sums go over in a fixed order. One
 * thread of the process talks to the device, and all work is on the default stream, but for copies
 * of what other ranks are sent. Integers that the host wrote are remembered there, because row
 * numbers are checked and grouped on the host.
 */
package io.batchwright.kernel.cuda;
