package io.batchwright.jobs.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Spark standalone master and its workers, each a JVM of its own on the loopback interface,
 * started from the Maven class path: a real cluster without a Spark distribution.
 */
final class StandaloneCluster implements AutoCloseable {
  private static final List<String> LIGHT_JVM =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  /** The class path of this process, as Maven's forks have it. */
  static final String CLASS_PATH =
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

  private final Path home;
  private final String host;
  private final String masterUrl;
  private final List<Process> processes = new ArrayList<>();
  private final List<Process> workers = new ArrayList<>();

  /**
   * Starts a master and {@code workers} workers of one core each.
   *
   * @param home an empty folder that becomes SPARK_HOME: its {@code jars/} holds links to the class
   *     path
   */
  static StandaloneCluster start(Path home, int workers) throws IOException, InterruptedException {
    Machine here = new Machine("127.0.0.1", List.of());
    return start(home, here, Collections.nCopies(workers, here));
  }

  /**
   * Where a process runs.
   *
   * @param host its address
   * @param prefix what makes a command run there
   */
  record Machine(String host, List<String> prefix) {}

  /** As {@link #start(Path, int)}, with a worker on each of {@code machines}. */
  static StandaloneCluster start(Path home, Machine master, List<Machine> machines)
      throws IOException, InterruptedException {
    linkSparkJars(home);
    int port = freePort(master.host());
    StandaloneCluster cluster = new StandaloneCluster(home, master.host(), port);
    try {
      cluster.startMaster(port);
      for (int worker = 0; worker < machines.size(); worker++) {
        cluster.startWorker(worker, machines.get(worker));
      }
      cluster.awaitWorkers(machines.size());
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  private StandaloneCluster(Path home, String host, int port) {
    this.home = home;
    this.host = host;
    this.masterUrl = "spark://%s:%d".formatted(host, port);
  }

  /** What a worker's executors have said so far on their standard error. */
  String executorLogs() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.filter(path -> path.endsWith("stderr")).sorted().toList()) {
        all.append(Files.readString(file)).append('\n');
      }
    }
    return all.toString();
  }

  /** The executors that run now, the workers' children. */
  Stream<ProcessHandle> executors() {
    return workers.stream().flatMap(worker -> worker.toHandle().children());
  }

  /**
   * Settings of a driver with one executor of one core on each of two workers; the executors have
   * this process's class path.
   */
  Map<String, String> settings() {
    return Map.ofEntries(
        Map.entry("spark.master", masterUrl),
        Map.entry("spark.executor.memory", "900m"),
        Map.entry("spark.executor.cores", "1"),
        Map.entry("spark.cores.max", "2"),
        Map.entry("spark.ui.enabled", "false"),
        Map.entry("spark.driver.host", host),
        Map.entry("spark.driver.bindAddress", host),
        Map.entry("spark.executor.extraClassPath", CLASS_PATH),
        Map.entry("spark.executor.extraJavaOptions", String.join(" ", LIGHT_JVM)));
  }

  /** What a run of spark-submit ended with. */
  record Submission(int exitCode, String output) {}

  /** Runs {@code spark-submit} of the application jar, as a user would, and waits for it. */
  Submission submit(String deployMode, Path jar, List<String> confs, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = java(List.of("-Xmx1g"));
    command.addAll(
        List.of("org.apache.spark.deploy.SparkSubmit", "--master", masterUrl, "--deploy-mode"));
    command.add(deployMode);
    command.addAll(List.of("--class", "io.batchwright.jobs.Batchwright"));
    command.addAll(List.of("--executor-memory", "900m", "--driver-memory", "900m"));
    for (String conf :
        List.of(
            "spark.driver.bindAddress=127.0.0.1",
            "spark.driver.host=127.0.0.1",
            "spark.ui.enabled=false",
            "spark.standalone.submit.waitAppCompletion=true",
            "spark.executor.extraJavaOptions=" + String.join(" ", LIGHT_JVM),
            "spark.driver.extraJavaOptions=" + String.join(" ", LIGHT_JVM))) {
      command.addAll(List.of("--conf", conf));
    }
    confs.forEach(conf -> command.addAll(List.of("--conf", conf)));
    command.add(jar.toString());
    command.addAll(arguments);
    Path log = home.resolve("submit-" + System.nanoTime() + ".log");
    Process process = launch(command, host, log);
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      return new Submission(-1, Files.readString(log));
    }
    return new Submission(process.exitValue(), Files.readString(log));
  }

  private void startMaster(int port) throws IOException {
    List<String> command = java(List.of("-Xmx512m", "-Dspark.master.rest.enabled=false"));
    command.add("org.apache.spark.deploy.master.Master");
    command.addAll(List.of("--host", host, "--port", Integer.toString(port)));
    command.addAll(List.of("--webui-port", "0"));
    processes.add(launch(command, host, home.resolve("master.log")));
  }

  private void startWorker(int number, Machine machine) throws IOException {
    List<String> command = new ArrayList<>(machine.prefix());
    command.addAll(java(List.of("-Xmx512m")));
    command.add("org.apache.spark.deploy.worker.Worker");
    command.addAll(List.of("--host", machine.host(), "--cores", "2", "--memory", "3g"));
    command.addAll(
        List.of("--webui-port", "0", "--work-dir", home.resolve("w" + number).toString()));
    command.add(masterUrl);
    Process worker = launch(command, machine.host(), home.resolve("worker-" + number + ".log"));
    processes.add(worker);
    workers.add(worker);
  }

  private void awaitWorkers(int workers) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    Path log = home.resolve("master.log");
    while (System.nanoTime() < deadline) {
      long registered =
          Arrays.stream(Files.readString(log).split("\n"))
              .filter(line -> line.contains("Registering worker"))
              .count();
      if (registered >= workers) {
        return;
      }
      for (Process process : processes) {
        if (!process.isAlive()) {
          throw new IllegalStateException("a cluster process ended: " + Files.readString(log));
        }
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("no workers within 90 s: " + Files.readString(log));
  }

  private List<String> java(List<String> flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Path.of(System.getProperty("batchwright.root"), "conf", "jvm.options"));
    command.addAll(LIGHT_JVM);
    command.addAll(flags);
    command.addAll(List.of("-cp", home.resolve("jars") + "/*"));
    return command;
  }

  private Process launch(List<String> command, String at, Path log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(home.toFile());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("SPARK_HOME", home.toString());
    environment.put("SPARK_SCALA_VERSION", "2.13");
    environment.put("SPARK_LOCAL_IP", at);
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    return builder.start();
  }

  /** Links what Spark ships, and only that, so that the application jar must bring all else. */
  private static void linkSparkJars(Path home) throws IOException {
    Path classPathFile = Path.of(System.getProperty("batchwright.root"), "spark-jobs", "target");
    String classPath = Files.readString(classPathFile.resolve("spark.classpath"));
    Path jars = Files.createDirectories(home.resolve("jars"));
    Files.createDirectories(home.resolve("conf"));
    for (String jar : classPath.strip().split(":")) {
      Path target = Path.of(jar);
      Files.createSymbolicLink(jars.resolve(target.getFileName()), target);
    }
  }

  private static int freePort(String host) {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    for (Process process : processes) {
      process.waitFor(10, TimeUnit.SECONDS);
    }
    try (Stream<Path> links = Files.list(home.resolve("jars"))) {
      for (Path link : links.toList()) {
        Files.delete(link);
      }
    }
  }
}
