package io.batchwright.jobs.run;

/** A failure that run.json and the log have already; what is left is to print its paragraph. */
final class FailedRun extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  FailedRun(Failure failure, Throwable cause) {
    super(failure.paragraph(), cause);
    this.failure = failure;
  }

  Failure failure() {
    return failure;
  }
}
