package io.batchwright.jobs.run;

/** The work of one stage. */
@FunctionalInterface
public interface StageBody {
  /** Commits the stage's tables and artifacts and reports what became of its rows. */
  StageReport run(StageContext context) throws Exception;
}
