/**
 * How much each source gives to training.
 *
 * <p>Reading order: {@link io.batchwright.data.mixture.Mixture}, its members {@link
 * io.batchwright.data.mixture.Proportional} (the corpus as it is) and {@link
 * io.batchwright.data.mixture.Temperature} (small sources more).
 *
 * <p>To add one, write a record that gives the shares, name it in the {@code permits} clause, and
 * add it to {@code MixtureContractTest}; drawing the rows is common to all.
 */
package io.batchwright.data.mixture;
