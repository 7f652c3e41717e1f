/** Failures a user can act on, with their exit codes. */
package io.batchwright.data.failure;
