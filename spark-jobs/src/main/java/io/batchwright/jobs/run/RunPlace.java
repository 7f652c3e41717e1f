package io.batchwright.jobs.run;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Where a run writes and what it reads.
 *
 * @param dir the folder being written
 * @param hadoop how to reach it
 * @param dataFingerprint identifies the input
 */
record RunPlace(Path dir, Configuration hadoop, String dataFingerprint) {}
