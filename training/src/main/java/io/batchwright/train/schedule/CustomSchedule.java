package io.batchwright.train.schedule;

/** A schedule from outside Batchwright; recipes name it by its fully qualified class. */
public non-sealed interface CustomSchedule extends Schedule {}
