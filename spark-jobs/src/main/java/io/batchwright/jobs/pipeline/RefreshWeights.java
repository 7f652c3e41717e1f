package io.batchwright.jobs.pipeline;

import io.batchwright.jobs.model.ShippedModel;
import java.util.Optional;

/**
 * The weights that a refresh uses.
 *
 * @param sha256 of all parameters, as checkpoints name them
 * @param model what encodes texts with them; empty where the memory bank has the vectors
 */
record RefreshWeights(String sha256, Optional<ShippedModel> model) {}
