/**
 * What a technique is: a record in a sealed family, with the {@link io.batchwright.technique.Paper}
 * it follows.
 *
 * <p>Reading order: {@link io.batchwright.technique.Paper}, {@link
 * io.batchwright.technique.Techniques}, {@link io.batchwright.technique.Check}; {@link
 * io.batchwright.technique.ConditionalSettings} and {@link
 * io.batchwright.technique.DependentDefaults} for recipes whose values depend on each other.
 *
 * <p>To add a technique, write one record in its family's package, name it in the family's {@code
 * permits} clause, annotate it with {@code @Paper}, give it a constant {@code PAPER} with the
 * paper's hyper-parameters, check ranges in the compact constructor, and add its test.
 */
package io.batchwright.technique;
