/** Recipes: YAML read into records. */
package io.batchwright.jobs.config;
