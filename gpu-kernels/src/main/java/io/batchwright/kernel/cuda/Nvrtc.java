package io.batchwright.kernel.cuda;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's run-time compiler of CUDA C++, NVRTC 13 or 12, through JNA. It is used where {@code
 * -Dbatchwright.cuda.nvrtc=auto}, or a path, asks for it: the shipped PTX is what the tests
 * assembled, and the same on every host.
 */
final class Nvrtc {
  static final String PROPERTY = "batchwright.cuda.nvrtc";
  private static final Logger LOG = LoggerFactory.getLogger(Nvrtc.class);
  private static final List<String> NAMES = List.of("libnvrtc.so.13", "libnvrtc.so.12");

  private final NativeLibrary library;
  private final String version;

  private Nvrtc(String name) {
    loadNeighbours(Path.of(name));
    library = NativeLibrary.getInstance(name);
    IntByReference major = new IntByReference();
    IntByReference minor = new IntByReference();
    call("nvrtcVersion", major, minor);
    version = major.getValue() + "." + minor.getValue();
  }

  /** What the property asks for; nothing where it does not, or with a warning, is not found. */
  static Optional<Nvrtc> configured() {
    String asked = System.getProperty(PROPERTY, "none");
    if (asked.equals("none")) {
      return Optional.empty();
    }
    List<String> names = asked.equals("auto") ? NAMES : List.of(asked);
    String why = "";
    for (String name : names) {
      try {
        return Optional.of(new Nvrtc(name));
      } catch (LinkageError | CudaFailure e) {
        why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      }
    }
    LOG.warn("{}={}: no NVRTC was found ({}); the shipped kernels are used", PROPERTY, asked, why);
    return Optional.empty();
  }

  /** NVRTC asks for a second library by its name alone, which a library path may not lead to. */
  private static void loadNeighbours(Path library) {
    if (!library.isAbsolute()) {
      return;
    }
    try (DirectoryStream<Path> builtins =
        Files.newDirectoryStream(library.getParent(), "libnvrtc-builtins.so*")) {
      builtins.forEach(file -> NativeLibrary.getInstance(file.toString()));
    } catch (IOException e) {
      LOG.debug("{} cannot be listed: {}", library.getParent(), e.toString());
    }
  }

  /** As in {@code 13.0}. */
  String version() {
    return version;
  }

  /**
   * Compiles a file to a binary.
   *
   * @param name of the file, for messages
   * @param header what it includes as {@code device.cuh}
   * @param architecture as in {@code sm_90a}
   * @throws CudaFailure with what the compiler said first
   */
  byte[] compile(String name, String source, String header, String architecture) {
    PointerByReference created = new PointerByReference();
    call(
        "nvrtcCreateProgram",
        created,
        source,
        name,
        1,
        new String[] {header},
        new String[] {"device.cuh"});
    Pointer program = created.getValue();
    try {
      String[] options = options(architecture);
      int code = invoke("nvrtcCompileProgram", program, options.length, options);
      if (code != 0) {
        throw new CudaFailure(
            "%s for %s: %s: %s".formatted(name, architecture, error(code), log(program)));
      }
      LongByReference size = new LongByReference();
      call("nvrtcGetCUBINSize", program, size);
      if (size.getValue() == 0) {
        throw new CudaFailure("%s for %s: no binary was made".formatted(name, architecture));
      }
      try (Memory binary = new Memory(size.getValue())) {
        call("nvrtcGetCUBIN", program, binary);
        return binary.getByteArray(0, Math.toIntExact(size.getValue()));
      }
    } finally {
      invoke("nvrtcDestroyProgram", created);
    }
  }

  /** What the compiler is asked for. */
  static String[] options(String architecture) {
    return new String[] {"--gpu-architecture=" + architecture, "--std=c++17", "--fmad=false"};
  }

  private String log(Pointer program) {
    LongByReference size = new LongByReference();
    call("nvrtcGetProgramLogSize", program, size);
    try (Memory text = new Memory(Math.max(1, size.getValue()))) {
      text.clear();
      call("nvrtcGetProgramLog", program, text);
      return text.getString(0).lines().filter(line -> !line.isBlank()).findFirst().orElse("");
    }
  }

  private String error(int code) {
    return library.getFunction("nvrtcGetErrorString").invokeString(new Object[] {code}, false);
  }

  private void call(String function, Object... arguments) {
    int code = invoke(function, arguments);
    if (code != 0) {
      throw new CudaFailure(function + " failed: " + error(code));
    }
  }

  private int invoke(String function, Object... arguments) {
    return library.getFunction(function).invokeInt(arguments);
  }
}
