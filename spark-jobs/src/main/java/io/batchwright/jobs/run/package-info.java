/** Runs, their folders, their stages and their record. */
package io.batchwright.jobs.run;
