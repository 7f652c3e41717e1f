/**
 * {@code bench engine}: a training step of ours against PyTorch's, driven from Java by DJL.
 *
 * <p>Reading order: {@link io.batchwright.jobs.bench.engine.EngineBench} (the area), {@code
 * StepShape} (what is trained), {@code OurStep}, {@code OurRanks} and {@code PyTorchStep} (the
 * programs, each in a JVM of its own), {@code StepProcess} (how they are driven in turn), {@code
 * BareProducts} (what a library does without us).
 */
package io.batchwright.jobs.bench.engine;
