package io.batchwright.kernel.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;

/**
 * Unpacks JCuda's native libraries where JCuda looks for them. JCuda itself writes to a fixed name
 * in {@code java.io.tmpdir} without a lock: of 60 JVMs that started four at a time, 6 died on a
 * half-written library. Here a file appears whole, by an atomic move, in a folder that only this
 * user may write to.
 */
final class JCudaNatives {
  static final String VERSION = "12.6.0";
  private static final String PLATFORM = "linux-x86_64";
  private static final List<String> LIBRARIES = List.of("JCudaRuntime", "JCudaDriver");

  /** Names another folder than that of temporary files, as where that is mounted noexec. */
  private static final String FOLDER = "batchwright.cuda.natives";

  private static final String TEMPORARY = "java.io.tmpdir";

  private JCudaNatives() {}

  /** Whether this platform's libraries are on the class path. */
  static boolean present() {
    return LIBRARIES.stream()
        .allMatch(library -> JCudaNatives.class.getResource(resource(library)) != null);
  }

  /**
   * Unpacks the libraries and loads JCuda's classes, which load the libraries from there.
   *
   * @throws IOException if the folder or a file cannot be written
   * @throws LinkageError if a library does not load, as without {@code libcuda.so.1}
   */
  static synchronized void load(String className) throws IOException {
    String before = System.getProperty(TEMPORARY);
    Path chosen = Path.of(System.getProperty(FOLDER, before));
    Files.createDirectories(chosen);
    Path folder = unpack(chosen);
    System.setProperty(TEMPORARY, folder.toString()); // read by JCuda while it loads
    try {
      Class.forName(className, true, JCudaNatives.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new NoClassDefFoundError(className);
    } finally {
      System.setProperty(TEMPORARY, before);
    }
  }

  /** Where the libraries lie, complete, below {@code temporary}. */
  static Path unpack(Path temporary) throws IOException {
    Path folder =
        privateFolder(
            temporary, "batchwright-jcuda-" + VERSION + "-" + System.getProperty("user.name"));
    for (String library : LIBRARIES) {
      Path file = folder.resolve(fileName(library));
      if (!Files.exists(file)) {
        Path part = Files.createTempFile(folder, library, ".part");
        try (InputStream in = JCudaNatives.class.getResourceAsStream(resource(library))) {
          if (in == null) {
            throw new IOException(resource(library) + " is not on the class path");
          }
          Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      }
    }
    return folder;
  }

  /**
   * The shared folder if it is ours and nobody else may write there, else one of this JVM's own.
   */
  private static Path privateFolder(Path temporary, String name) throws IOException {
    var owned = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Path folder = temporary.resolve(name);
    try {
      Files.createDirectory(folder, owned);
      return folder;
    } catch (FileAlreadyExistsException e) {
      boolean ours =
          Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
              && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(self(temporary))
              && PosixFilePermissions.toString(
                      Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS))
                  .equals("rwx------");
      return ours ? folder : Files.createTempDirectory(temporary, name);
    }
  }

  /** Who owns the files that this process makes. */
  private static UserPrincipal self(Path temporary) throws IOException {
    Path probe = Files.createTempFile(temporary, "batchwright", ".owner");
    try {
      return Files.getOwner(probe);
    } finally {
      Files.delete(probe);
    }
  }

  private static String fileName(String library) {
    return "lib" + library + "-" + VERSION + "-" + PLATFORM + ".so";
  }

  private static String resource(String library) {
    return "/lib/" + fileName(library);
  }
}
