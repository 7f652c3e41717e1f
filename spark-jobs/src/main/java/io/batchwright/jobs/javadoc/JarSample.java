package io.batchwright.jobs.javadoc;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.List;

/**
 * Which files of one artifact are read, for artifacts too large to take whole.
 *
 * @param artifact the artifactId
 * @param include globs over the paths inside the jar, such as {@code
 *     it/unimi/dsi/fastutil/{ints,longs}/*List.java}; empty for every file
 * @param maximumFiles files read at most, chosen by a hash of their path; 0 for no limit
 */
public record JarSample(String artifact, List<String> include, int maximumFiles)
    implements Serializable {
  /** Every file. */
  public static final JarSample DEFAULTS = new JarSample("*", List.of(), 0);

  public JarSample {
    Check.notBlank("JarSample.artifact", artifact);
    Check.atLeast("JarSample.maximumFiles", maximumFiles, 0);
    include = List.copyOf(include);
  }
}
