package io.batchwright.data.failure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Why a file could not be used, in words that name it. The JDK's exceptions of a file system often
 * have the bare path for a message, and those of a channel the bare reason.
 */
public final class FileReason {
  private FileReason() {}

  /** File and reason; the file only where the exception knows it. */
  public static String of(IOException failure) {
    if (failure instanceof FileSystemException named && named.getReason() == null) {
      return named.getFile() + ": " + reason(named);
    }
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /** File and reason: {@code file} where the exception does not name it. */
  public static String of(Path file, IOException failure) {
    String reason = of(failure);
    return reason.startsWith(file.toString()) ? reason : file + ": " + reason;
  }

  private static String reason(FileSystemException failure) {
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    return failure instanceof NoSuchFileException
        ? "there is no such file"
        : failure.getClass().getSimpleName();
  }
}
