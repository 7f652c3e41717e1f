package io.batchwright.data.ledger;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What a preparation stage makes of its input, not yet computed.
 *
 * @param kept the rows that go on, in the input's schema plus what the stage says it adds
 * @param removed the rows dropped on purpose ({@link io.batchwright.data.Tables#REMOVED})
 * @param quarantined the rows that could not be used ({@link
 *     io.batchwright.data.Tables#QUARANTINE})
 */
public record Outcome(Dataset<Row> kept, Dataset<Row> removed, Dataset<Row> quarantined) {}
