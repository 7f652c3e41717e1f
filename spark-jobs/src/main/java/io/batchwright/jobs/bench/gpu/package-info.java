/**
 * {@code batchwright gpu-check}: every kernel of a GPU against the CPU, then times. It runs from a
 * jar of its own as well, which needs a JRE and no Spark ({@code
 * batchwright-gpu-check-VERSION.jar}, {@code java -Xmx8g -jar}).
 *
 * <p>Reading order: {@link io.batchwright.jobs.bench.gpu.GpuCheck}, {@code GpuSteps} (training
 * steps of encoders), {@code GpuPage} (the page it leaves).
 *
 * <p>Decision. Nothing here may need a class of Spark or of the command line, or the jar of its own
 * would not run; a test runs it without them.
 */
package io.batchwright.jobs.bench.gpu;
