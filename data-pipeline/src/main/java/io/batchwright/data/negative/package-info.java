/**
 * Texts that look right and are not.
 *
 * <p>{@link io.batchwright.data.negative.TextEncoder} is implemented by the training module.
 */
package io.batchwright.data.negative;
