package io.batchwright.jobs.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Machines on one machine: Linux network namespaces on a bridge, whose cables can be pulled. They
 * need root, or CAP_NET_ADMIN and CAP_SYS_ADMIN, and the command {@code ip}.
 */
final class Namespaces implements AutoCloseable {
  private final long pid = ProcessHandle.current().pid();
  private final String bridge = "bwb" + pid;
  private final String subnet = "10.213.%d.".formatted(pid % 250);
  private final List<String> names = new ArrayList<>();

  private Namespaces() {}

  /** So many machines, or nothing where this one does not allow it. */
  static Optional<Namespaces> create(int machines) throws IOException, InterruptedException {
    Namespaces namespaces = new Namespaces();
    if (namespaces.build(machines)) {
      return Optional.of(namespaces);
    }
    namespaces.close();
    return Optional.empty();
  }

  private boolean build(int machines) throws IOException, InterruptedException {
    boolean built =
        ip("link", "add", bridge, "type", "bridge")
            && ip("addr", "add", subnet + "1/24", "dev", bridge)
            && ip("link", "set", bridge, "up");
    for (int i = 0; i < machines && built; i++) {
      String name = "bw%d-%d".formatted(pid, i);
      built = ip("netns", "add", name);
      names.add(name);
      built =
          built
              && ip("link", "add", cable(i), "type", "veth", "peer", "name", "eth0", "netns", name)
              && ip("link", "set", cable(i), "master", bridge, "up")
              && ip("-n", name, "addr", "add", host(i) + "/24", "dev", "eth0")
              && ip("-n", name, "link", "set", "eth0", "up")
              && ip("-n", name, "link", "set", "lo", "up");
    }
    return built;
  }

  /** This process' address on the bridge. */
  String ownHost() {
    return subnet + "1";
  }

  String host(int machine) {
    return subnet + (machine + 2);
  }

  /** What makes a command run on {@code machine}. */
  List<String> prefix(int machine) {
    return List.of("ip", "netns", "exec", names.get(machine));
  }

  /** Pulls the cable of {@code host}: packets vanish, no connection is told. */
  void cut(String host) throws IOException, InterruptedException {
    set(host, "down");
  }

  /** Plugs it in again. */
  void heal(String host) throws IOException, InterruptedException {
    set(host, "up");
  }

  private void set(String host, String state) throws IOException, InterruptedException {
    int machine = Integer.parseInt(host.substring(subnet.length())) - 2;
    if (!ip("link", "set", cable(machine), state)) {
      throw new IllegalStateException("cannot set the cable of " + host + " " + state);
    }
  }

  private String cable(int machine) {
    return "bwv%d-%d".formatted(pid, machine);
  }

  private static boolean ip(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (InputStream output = process.getInputStream()) {
        String said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
          System.out.println(String.join(" ", command) + ": " + said.strip());
          return false;
        }
      }
      return true;
    } catch (IOException e) { // there is no such command
      System.out.println(e.getMessage());
      return false;
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (int i = 0; i < names.size(); i++) {
      ip("link", "del", cable(i));
      ip("netns", "del", names.get(i));
    }
    ip("link", "del", bridge);
  }
}
