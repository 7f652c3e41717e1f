package io.batchwright.train.rank;

import io.batchwright.train.step.StepReport;
import java.io.Serializable;

/** A step with the rank whose times it has. */
record RankStep(int rank, StepReport report) implements Serializable {}
