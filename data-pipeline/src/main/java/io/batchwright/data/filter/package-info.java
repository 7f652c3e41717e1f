/**
 * Rules that a document's text must meet.
 *
 * <p>Reading order: {@link io.batchwright.data.filter.Filter}, {@link
 * io.batchwright.data.filter.Filters}.
 *
 * <table>
 * <caption>Which filter for what</caption>
 * <tr><th>filter</th><th>removes</th></tr>
 * <tr><td>{@link io.batchwright.data.filter.MinimumLength}</td><td>fragments</td></tr>
 * <tr><td>{@link io.batchwright.data.filter.MaximumLength}</td><td>dumps and tables</td></tr>
 * <tr><td>{@link io.batchwright.data.filter.MeanWordLength}</td><td>ids, encoded data, letter
 * games</td></tr>
 * <tr><td>{@link io.batchwright.data.filter.AlphabeticShare}</td><td>numbers and symbols</td></tr>
 * <tr><td>{@link io.batchwright.data.filter.RepeatedLines}</td><td>menus, logs, spam</td></tr>
 * <tr><td>{@link io.batchwright.data.filter.PlaceholderText}</td><td>pages without content</td></tr>
 * </table>
 *
 * <p>The papers' values are for web pages in natural language; for source code start with {@code
 * MinimumLength} in characters. To add a filter, write one record, name it in {@code Filter}'s
 * {@code permits} clause and run the contract test.
 */
package io.batchwright.data.filter;
