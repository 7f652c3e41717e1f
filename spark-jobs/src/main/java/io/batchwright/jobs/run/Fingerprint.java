package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchwright.data.corpus.FileTree;
import io.batchwright.jobs.config.RecipeTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Identities: SHA-256 over canonical text, in hexadecimal. */
public final class Fingerprint {
  private Fingerprint() {}

  /**
   * The fingerprint of configuration: recipe records count by their canonical JSON, everything else
   * by its text.
   */
  public static String of(Object... parts) {
    MessageDigest sha256 = sha256();
    for (Object part : parts) {
      String text =
          part instanceof Record recipe
              ? recipe.getClass().getSimpleName() + RecipeTree.toJson(recipe)
              : part instanceof JsonNode json ? json.toString() : String.valueOf(part);
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      sha256.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
      sha256.update(bytes);
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  /**
   * The fingerprint of input files: path, size and modification time of each file under {@code
   * paths}, which may be globs. Contents are not read.
   */
  public static String ofInputs(List<String> paths, Configuration hadoop) {
    List<String> listing = new ArrayList<>();
    for (String input : paths) {
      Path path = new Path(input);
      try {
        FileSystem files = path.getFileSystem(hadoop);
        FileStatus[] matches = files.globStatus(path);
        if (matches == null || matches.length == 0) {
          listing.add(path + "\tabsent\n");
          continue;
        }
        for (FileStatus match : matches) {
          for (FileStatus file : FileTree.files(files, match)) {
            listing.add(
                file.getPath() + "\t" + file.getLen() + "\t" + file.getModificationTime() + "\n");
          }
        }
      } catch (IOException e) {
        throw FileFailure.of(e, "list " + path);
      }
    }
    Collections.sort(listing);
    return of(listing.toArray());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
