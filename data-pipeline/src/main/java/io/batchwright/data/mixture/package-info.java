/**
 * How much each source gives to training.
 *
 * <p>Reading order: {@link io.batchwright.data.mixture.Mixture}, its members {@link
 * io.batchwright.data.mixture.Proportional} (the corpus as it is), {@link
 * io.batchwright.data.mixture.Temperature} (small sources more) and {@link
 * io.batchwright.data.mixture.Weights} (as a recipe says). {@link
 * io.batchwright.data.batch.MixedEpochs} draws each epoch's samples by them.
 *
 * <p>To add one, write a record that gives the shares and name it in the {@code permits} clause;
 * drawing the rows is common to all.
 */
package io.batchwright.data.mixture;
