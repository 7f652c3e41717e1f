/**
 * Texts that look right and are not.
 *
 * <p>Reading order: {@link io.batchwright.data.negative.NegativeMiner}, {@link
 * io.batchwright.data.negative.RandomNegatives}, {@link
 * io.batchwright.data.negative.NegativeFilter}, {@link io.batchwright.data.negative.TextEncoder},
 * which the training module implements so that mining can use a model.
 *
 * <p>Miners rank candidates and filters take some out; negatives are a query over what is left.
 */
package io.batchwright.data.negative;
