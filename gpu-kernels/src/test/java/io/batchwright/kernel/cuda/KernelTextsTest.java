package io.batchwright.kernel.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The PTX of the jar: of these sources, and accepted by assemblers. */
class KernelTextsTest {
  private static final Pattern SPILL = Pattern.compile("([1-9]\\d*) bytes spill");
  private static final Pattern KERNEL_NAME = Pattern.compile("\\.entry (\\w+)\\(");

  @Test
  void theTextsAreThoseOfTheSources() throws IOException, NoSuchAlgorithmException {
    KernelTexts texts = KernelTexts.packaged();
    Path sources = EmulatedGpu.sources().resolve("main/cuda");
    for (String file : KernelTexts.FILES) {
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.write(Files.readAllBytes(sources.resolve("device.cuh")));
      both.write(Files.readAllBytes(sources.resolve(file + ".cu")));
      String hash =
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(both.toByteArray()));
      assertThat(texts.text(file))
          .as("%s.ptx is older than its source: run bin/compile-kernels", file)
          .startsWith("// sha256 of device.cuh and " + file + ".cu: " + hash + "\n.version 8.0\n");
    }
    try (Stream<Path> files = Files.list(sources)) {
      assertThat(files.map(file -> file.getFileName().toString()).filter(n -> n.endsWith(".cu")))
          .containsExactlyInAnyOrderElementsOf(
              KernelTexts.FILES.stream().map(file -> file + ".cu").toList());
    }
  }

  /** JCuda's compiler is that of CUDA 12.0, the oldest whose drivers we promise to run on. */
  @Test
  void anAssemblerOfCuda12TakesTheTextsWithoutSpills() throws IOException {
    Assumptions.assumeTrue(JCudaNatives.present(), "no JCuda for this platform");
    JNvPTXCompiler.setExceptionsEnabled(false);
    KernelTexts texts = KernelTexts.packaged();
    for (String file : KernelTexts.FILES) {
      assertThat(assembled(texts.text(file), "sm_80")).as(file).isEmpty();
    }
  }

  @Test
  void whatDoesNotAssembleIsFound() {
    Assumptions.assumeTrue(JCudaNatives.present(), "no JCuda for this platform");
    JNvPTXCompiler.setExceptionsEnabled(false);
    String text = KernelTexts.packaged().text("norms").replaceFirst("add\\.rn\\.f64", "add.rn.f63");
    assertThat(assembled(text, "sm_80")).containsIgnoringCase("error");
  }

  @Tag("slow")
  @Test
  void anAssemblerOfCuda12TakesTheTextsForHopperToo() {
    Assumptions.assumeTrue(JCudaNatives.present(), "no JCuda for this platform");
    JNvPTXCompiler.setExceptionsEnabled(false);
    KernelTexts texts = KernelTexts.packaged();
    for (String file : KernelTexts.FILES) {
      assertThat(assembled(texts.text(file), "sm_90")).as(file).isEmpty();
    }
  }

  /** nvcc where there is one, otherwise clang 19; both must make the same kernels. */
  @Tag("slow")
  @Test
  void theSourcesCompile(@TempDir Path folder) throws IOException, InterruptedException {
    boolean nvcc = EmulatedGpu.isInstalled("nvcc");
    Assumptions.assumeTrue(
        nvcc || EmulatedGpu.isInstalled("clang-19"), "neither nvcc nor clang-19 is installed");
    for (String file : KernelTexts.FILES) {
      Path source = EmulatedGpu.sources().resolve("main/cuda/" + file + ".cu");
      Path made = folder.resolve(file + ".ptx");
      Path log = folder.resolve(file + ".log");
      List<String> command = new ArrayList<>(nvcc ? NVCC : CLANG);
      command.addAll(List.of(source.toString(), "-o", made.toString()));
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
      assertThat(Files.readString(log)).as("warnings of " + file).isEmpty();
      assertThat(kernels(Files.readString(made)))
          .isEqualTo(kernels(KernelTexts.packaged().text(file)));
    }
  }

  private static final List<String> NVCC =
      List.of("nvcc", "-std=c++17", "-arch=compute_80", "-fmad=false", "-ptx");
  private static final List<String> CLANG =
      List.of(
          "clang-19",
          "-x",
          "cuda",
          "--cuda-device-only",
          "-nocudainc",
          "-nocudalib",
          "--cuda-gpu-arch=sm_80",
          "-std=c++17",
          "-O3",
          "-ffp-contract=off",
          "-Wno-pass-failed", // a loop that it does not unroll where nvcc does
          "-Wno-unknown-cuda-version",
          "-S");

  private static TreeSet<String> kernels(String ptx) {
    TreeSet<String> names = new TreeSet<>();
    Matcher matcher = KERNEL_NAME.matcher(ptx);
    while (matcher.find()) {
      names.add(matcher.group(1));
    }
    return names;
  }

  /** What is wrong with a text: errors, or kernels that spill; empty if nothing is. */
  private static String assembled(String ptx, String architecture) {
    byte[] text = (ptx + "\0").getBytes(StandardCharsets.US_ASCII);
    nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
    JNvPTXCompiler.nvPTXCompilerCreate(handle, text.length - 1, text);
    int code =
        JNvPTXCompiler.nvPTXCompilerCompile(
            handle, 2, new String[] {"--gpu-name=" + architecture, "--verbose"});
    long[] size = new long[1];
    byte[] log;
    if (code != 0) {
      JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size);
      log = new byte[(int) size[0] + 1];
      JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, log);
    } else {
      JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size);
      log = new byte[(int) size[0] + 1];
      JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, log);
    }
    JNvPTXCompiler.nvPTXCompilerDestroy(handle);
    String said = new String(log, StandardCharsets.US_ASCII);
    if (code != 0) {
      return "error " + code + ": " + said;
    }
    assertThat(said).as("says what it made").contains("registers");
    return SPILL.matcher(said).find() ? said : "";
  }
}
