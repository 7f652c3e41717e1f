/**
 * {@code bench engine}: a training step of ours against PyTorch's, driven from Java by DJL.
 *
 * <p>Reading order: {@link io.batchwright.jobs.bench.engine.EngineBench} (the area), {@code
 * StepShape} (what is trained), {@code OurStep} and {@code PyTorchStep} (the two programs, each in
 * a JVM of its own), {@code StepProcess} (how they are driven in turn).
 */
package io.batchwright.jobs.bench.engine;
