package io.batchwright.jobs.bench.engine;

import io.batchwright.jobs.bench.ChildBench;
import io.batchwright.kernel.Precision;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program that trains, in a JVM of its own, one step whenever it is asked to. */
final class StepProcess implements AutoCloseable {
  /** Read by OpenBLAS: it would hold ours to older instructions than PyTorch's libraries choose. */
  private static final String CORE_TYPE = "OPENBLAS_CORETYPE";

  private final Process process;
  private final Path log;
  private final BufferedReader out;
  private final BufferedWriter in;
  private double loss;

  private StepProcess(List<String> command, Path log) throws IOException {
    this.log = log;
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().remove(CORE_TYPE);
    process = builder.start();
    out = process.inputReader(StandardCharsets.UTF_8);
    in = process.outputWriter(StandardCharsets.UTF_8);
    line(StepLoop.READY);
  }

  /** Ours in float32 on one thread. */
  static StepProcess ours(StepShape shape, StepWork work, Path folder) throws IOException {
    return ours(shape, work, Precision.FLOAT32, 1, folder);
  }

  /** Ours by one rank of so many threads. */
  static StepProcess ours(
      StepShape shape, StepWork work, Precision precision, int threads, Path folder)
      throws IOException {
    List<String> command = ChildBench.java("-Xmx2g");
    command.addAll(List.of("-cp", ChildBench.classPath(), OurStep.class.getName()));
    command.addAll(
        List.of(shape.argument(), work.name(), precision.name(), Integer.toString(threads)));
    String log = "ours-%s-%s-%d.log".formatted(work, precision, threads);
    return new StepProcess(command, folder.resolve(log));
  }

  /** Ours by so many ranks, one thread each, each with its share of the pairs. */
  static StepProcess ranks(StepShape shape, int ranks, Path folder) throws IOException {
    List<String> command = ChildBench.java("-Xmx2g");
    command.addAll(List.of("-cp", ChildBench.classPath(), OurRanks.class.getName()));
    command.addAll(List.of(shape.argument(), Integer.toString(ranks)));
    return new StepProcess(command, folder.resolve("ranks.log"));
  }

  /** PyTorch's, from the jars in {@code jars}; its texts are padded, SPARSE is SparseAdam. */
  static StepProcess pyTorch(StepShape shape, int threads, StepWork work, Path jars, Path folder)
      throws IOException {
    List<String> command = pyTorch(threads, jars);
    command.addAll(
        List.of(PyTorchStep.class.getName(), shape.argument(), folder.toString(), work.name()));
    return new StepProcess(command, folder.resolve("pytorch-" + threads + work + ".log"));
  }

  /** PyTorch's single operations, on one thread. */
  static StepProcess pyTorchOperations(Path jars, Path folder) throws IOException {
    List<String> command = pyTorch(1, jars);
    command.addAll(List.of(PyTorchOperations.class.getName(), folder.toString()));
    return new StepProcess(command, folder.resolve("pytorch-operations.log"));
  }

  private static List<String> pyTorch(int threads, Path jars) {
    List<String> command = ChildBench.java("-Xmx2g");
    command.add("-Dai.djl.pytorch.num_threads=" + threads);
    command.add("-Dai.djl.pytorch.num_interop_threads=1");
    String separator = System.getProperty("path.separator");
    command.addAll(List.of("-cp", jars + "/*" + separator + ChildBench.classPath()));
    return command;
  }

  /** Takes a step and returns how many seconds it took. */
  double step() throws IOException {
    return step("");
  }

  /** Takes the step that {@code request} names and returns how many seconds it took. */
  double step(String request) throws IOException {
    in.write(request);
    in.newLine();
    in.flush();
    String[] figures = line(StepLoop.STEP).split(" ");
    loss = Double.parseDouble(figures[1]);
    return Double.parseDouble(figures[0]);
  }

  /** The loss of the last step. */
  double loss() {
    return loss;
  }

  private String line(String start) throws IOException {
    List<String> others = new ArrayList<>();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(start)) {
        return line.substring(start.length());
      }
      others.add(line);
    }
    String errors = Files.readString(log);
    throw new IOException(
        "the child process ended: %s %s"
            .formatted(others, errors.substring(Math.max(0, errors.length() - 600)).strip()));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
