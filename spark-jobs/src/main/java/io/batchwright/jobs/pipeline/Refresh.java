package io.batchwright.jobs.pipeline;

/**
 * One refresh, as run.json and the log tell it.
 *
 * @param epoch the first epoch whose batches it made
 * @param epochs how many
 * @param epochsSeen how many epochs the weights had seen
 * @param stalenessSteps steps between those weights and the first step of the epoch
 * @param stalenessAtEnd steps between those weights and the last step before the next refresh
 * @param seconds encoding, mining, planning and writing; 0 where an earlier launch did it
 * @param waitSeconds how long training waited for it
 * @param weightsSha256 the weights
 */
record Refresh(
    int epoch,
    int epochs,
    int epochsSeen,
    long stalenessSteps,
    long stalenessAtEnd,
    double seconds,
    double waitSeconds,
    String weightsSha256) {}
