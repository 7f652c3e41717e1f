package io.batchwright.train.collective;

/**
 * Word of a failure that one rank sends to the others.
 *
 * @param reporter the rank that sends it
 * @param accused the rank that did not answer, or the reporter itself where its own work failed
 * @param message what happened, for people
 */
record Notice(int reporter, int accused, String message) {}
