/**
 * The account that every stage gives of its rows.
 *
 * <p>Reading order: {@link io.batchwright.data.ledger.LedgerEntry}, {@link
 * io.batchwright.data.ledger.Outcome}.
 */
package io.batchwright.data.ledger;
