package io.batchwright.jobs.bench.engine;

/**
 * One operation of the engine on fixed inputs.
 *
 * @param name of it and its shapes, by which {@code benchmarks/peers/torch_operations.py} finds
 *     PyTorch's
 * @param once computes it
 * @param reason why it takes more than twice PyTorch's time where it does; empty where it does not,
 *     or nobody knows
 */
record Operation(String name, Runnable once, String reason) {
  Operation(String name, Runnable once) {
    this(name, once, "");
  }
}
