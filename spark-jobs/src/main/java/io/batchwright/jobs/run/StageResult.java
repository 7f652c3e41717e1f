package io.batchwright.jobs.run;

/**
 * A finished stage.
 *
 * @param name the stage's name
 * @param fingerprint identifies its configuration and everything upstream
 * @param report what it reported, read back from its marker when it was skipped
 * @param skipped whether a marker of an earlier attempt stood in for running it
 */
public record StageResult(String name, String fingerprint, StageReport report, boolean skipped) {}
