package io.batchwright.jobs.run;

/** What every job's recipe record has. */
public interface JobConfig {
  /** Where and how to run. */
  RunSettings run();

  /** The seed of every random draw. */
  long seed();
}
