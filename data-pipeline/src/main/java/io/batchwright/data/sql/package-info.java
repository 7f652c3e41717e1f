/**
 * Functions for Spark SQL, in every language that it has.
 *
 * <p>Reading order: {@link io.batchwright.data.sql.BatchwrightExtensions} (what a session names),
 * {@code TextFunction} (the functions, their parameters and defaults), {@link
 * io.batchwright.data.sql.TextFunctions} (what they compute), {@code TextExpression} (how Spark
 * calls them). To add one, add a member to {@code TextFunction} and its method to {@code
 * TextFunctions}.
 *
 * <p>Decision: expressions, not user-defined functions, so that they are there in every session
 * without a call, have defaults, are checked with the query, and take Spark's strings as they are.
 */
package io.batchwright.data.sql;
