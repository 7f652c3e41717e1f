package io.batchwright.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What the build wrote down about itself.
 *
 * @param version the release
 * @param commit the git commit, with {@code -dirty} where files differed; {@code unknown} where the
 *     build saw no repository
 */
public record BuildInfo(String version, String commit) {
  private static final String UNKNOWN = "unknown";

  /** Of the running code. */
  public static BuildInfo read() {
    Properties build = load("batchwright-build.properties");
    Properties git = load("batchwright-git.properties");
    String commit = git.getProperty("git.commit.id", UNKNOWN);
    boolean dirty = Boolean.parseBoolean(git.getProperty("git.dirty", "false"));
    return new BuildInfo(build.getProperty("version", UNKNOWN), dirty ? commit + "-dirty" : commit);
  }

  private static Properties load(String resource) {
    Properties properties = new Properties();
    try (InputStream in = BuildInfo.class.getClassLoader().getResourceAsStream(resource)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
