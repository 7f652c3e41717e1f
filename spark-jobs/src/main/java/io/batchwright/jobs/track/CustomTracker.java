package io.batchwright.jobs.track;

/** A tracker from outside Batchwright, named in a recipe by its class. */
public non-sealed interface CustomTracker extends Tracker {}
