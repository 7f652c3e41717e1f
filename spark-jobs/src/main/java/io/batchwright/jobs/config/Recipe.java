package io.batchwright.jobs.config;

import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.data.failure.FileReason;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The text of a recipe.
 *
 * @param name what messages call it, such as {@code conf/quickstart.yaml}
 * @param text YAML
 */
public record Recipe(String name, String text) {
  /** A recipe that sets nothing. */
  public static final Recipe EMPTY = new Recipe("", "");

  /**
   * The recipe at {@code path}; else that file in the working directory, where YARN and Kubernetes
   * put what {@code spark-submit --files} names; else the one of this name that Batchwright ships:
   * {@code quickstart} and {@code conf/quickstart.yaml} both find {@code conf/quickstart.yaml}.
   *
   * @throws BatchwrightException with exit code 2 where there is none
   */
  public static Recipe load(String path, Configuration hadoop) {
    Path file = new Path(path);
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      return new Recipe(path, decode(path, in.readAllBytes()));
    } catch (FileNotFoundException e) {
      return Files.isRegularFile(java.nio.file.Path.of(path)) ? local(path) : shipped(path);
    } catch (IOException e) {
      throw BatchwrightException.usage("Cannot read the recipe " + path + ": " + FileReason.of(e));
    }
  }

  private static Recipe local(String path) {
    try {
      return new Recipe(path, decode(path, Files.readAllBytes(java.nio.file.Path.of(path))));
    } catch (IOException e) {
      throw BatchwrightException.usage("Cannot read the recipe " + path + ": " + FileReason.of(e));
    }
  }

  private static Recipe shipped(String path) {
    String name = path.startsWith("conf/") ? path : "conf/" + path;
    String resource = name.endsWith(".yaml") ? name : name + ".yaml";
    try (InputStream in = Recipe.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw BatchwrightException.usage("There is no recipe " + path + ".");
      }
      return new Recipe(resource, decode(resource, in.readAllBytes()));
    } catch (IOException e) {
      throw BatchwrightException.usage("Cannot read the recipe " + path + ": " + FileReason.of(e));
    }
  }

  private static String decode(String name, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw BatchwrightException.usage(name + " is not UTF-8 text.");
    }
  }
}
