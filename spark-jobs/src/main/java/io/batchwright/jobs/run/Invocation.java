package io.batchwright.jobs.run;

import io.batchwright.jobs.config.Setting;
import java.util.List;

/**
 * One call of a job from the command line.
 *
 * @param recipe the recipe file, empty for the job's own
 * @param settings values laid over the recipe, later ones win
 * @param printConfig whether to print the resolved recipe and run nothing
 */
public record Invocation(String recipe, List<Setting> settings, boolean printConfig) {
  public Invocation {
    settings = List.copyOf(settings);
  }
}
