/**
 * Whether a backend computes what the CPU in plain Java computes, and how fast it is: the suite
 * behind {@code batchwright gpu-check}. It needs no test library, so that a GPU host needs no more
 * than a JRE and a jar.
 *
 * <p>Reading order: {@link io.batchwright.kernel.check.KernelCase}, {@link
 * io.batchwright.kernel.check.CaseRun}, {@link io.batchwright.kernel.check.KernelCases}, {@link
 * io.batchwright.kernel.check.KernelCheck}, {@link io.batchwright.kernel.check.KernelTimes}.
 *
 * <p>To add a case: a line in the class of its group; inputs are drawn anew from the check's seed,
 * outputs are full of NaN before.
 */
package io.batchwright.kernel.check;
