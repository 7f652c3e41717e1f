package io.batchwright.jobs.run;

/** What to do when the output folder holds a run that is not the same finished one. */
public enum OnExisting {
  /** Stop with exit code 2 and say what differs. */
  FAIL,
  /** Continue an unfinished run of the same configuration and input. */
  RESUME,
  /** Make the output anew and put it in place once it is complete. */
  OVERWRITE
}
