package io.batchwright.train.checkpoint;

import java.io.Serializable;

/**
 * Where a checkpoint's numbers come from.
 *
 * @param runId the run that wrote it
 * @param seed of the run
 * @param configSha256 of the resolved configuration
 * @param dataFingerprint of the shards
 * @param commit of the program, or empty where it is unknown
 */
public record Provenance(
    String runId, long seed, String configSha256, String dataFingerprint, String commit)
    implements Serializable {}
