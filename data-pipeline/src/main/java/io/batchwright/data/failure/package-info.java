/** Failures a user can act on, with their exit codes, and reasons that name the file. */
package io.batchwright.data.failure;
