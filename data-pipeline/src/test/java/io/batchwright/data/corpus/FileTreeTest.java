package io.batchwright.data.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeTest {
  @TempDir private Path folder;

  /**
   * Fingerprints of inputs hold paths, sizes and times: none may change with the way of listing.
   */
  @Test
  void theFilesAreThoseOfHadoopsOwnListing() throws IOException {
    Files.createDirectories(folder.resolve("a/b/c"));
    Files.createDirectories(folder.resolve("empty"));
    for (String name :
        List.of("top.txt", "a/one", "a/b/c/deep", "a/b/_hidden", ".dot", ".top.txt.crc")) {
      Files.writeString(folder.resolve(name), name);
    }
    Files.createSymbolicLink(folder.resolve("linked"), folder.resolve("a/b"));
    FileSystem local = FileSystem.getLocal(new Configuration());
    for (String root : List.of("", "a", "top.txt", "empty")) {
      org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.resolve(root).toUri());
      List<String> expected = new ArrayList<>();
      RemoteIterator<LocatedFileStatus> listed = local.listFiles(path, true);
      while (listed.hasNext()) {
        expected.add(line(listed.next()));
      }
      List<FileStatus> found = FileTree.files(local, local.getFileStatus(path));
      assertThat(found.stream().map(FileTreeTest::line))
          .as(root)
          .containsExactlyInAnyOrderElementsOf(expected);
      // What asks for permissions file by file.
      assertThat(found).noneMatch(LocatedFileStatus.class::isInstance);
    }
  }

  @Test
  void aHiddenFileCountsWhereItIsNamedItself() throws IOException {
    Files.createDirectories(folder.resolve("a"));
    for (String name : List.of("top", "a/deep", "a/_SUCCESS", ".dot")) {
      Files.writeString(folder.resolve(name), name);
    }
    FileSystem local = FileSystem.getLocal(new Configuration());
    assertThat(visible(local, folder)).containsExactlyInAnyOrder("top", "deep");
    assertThat(visible(local, folder.resolve("a/_SUCCESS"))).containsExactly("_SUCCESS");
  }

  private static List<String> visible(FileSystem local, Path root) throws IOException {
    FileStatus status = local.getFileStatus(new org.apache.hadoop.fs.Path(root.toUri()));
    return FileTree.visible(local, status).stream().map(file -> file.getPath().getName()).toList();
  }

  @Test
  void aFolderThatIsGoneIsAnError() throws IOException {
    Path gone = Files.createDirectories(folder.resolve("gone"));
    FileSystem local = FileSystem.getLocal(new Configuration());
    FileStatus status = local.getFileStatus(new org.apache.hadoop.fs.Path(gone.toUri()));
    Files.delete(gone);
    assertThatThrownBy(() -> FileTree.files(local, status))
        .isInstanceOf(FileNotFoundException.class);
  }

  private static String line(FileStatus file) {
    return file.getPath() + " " + file.getLen() + " " + file.getModificationTime();
  }
}
