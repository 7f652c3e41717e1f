package io.batchwright.train.collective;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The connections between the ranks of a group: the ring's at once, others when they are first
 * used. Each carries data in one direction.
 */
final class PairTransfers implements AutoCloseable {
  private static final String CONNECTING = "connecting";

  private final RankGroup group;
  private final long id;
  private final Traffic traffic;
  private final Map<Integer, RingTransfer> strides = new HashMap<>();
  private final Map<Integer, RingTransfer> outgoing = new HashMap<>();
  private final Map<Integer, RingTransfer> incoming = new HashMap<>();

  /** What a connection serves; part of its name, so that both ends mean the same one. */
  private enum Use {
    STRIDE,
    PAIR
  }

  /**
   * @param id what tells this group's connections from other groups'
   */
  PairTransfers(RankGroup group, long id, Traffic traffic) {
    this.group = group;
    this.id = id;
    this.traffic = traffic;
  }

  /** Sends to the next rank, receives from the one before. */
  RingTransfer ring() {
    return stride(1);
  }

  /** Sends to the rank {@code stride} further, receives from the one {@code stride} before. */
  RingTransfer stride(int stride) {
    return strides.computeIfAbsent(
        stride,
        distance -> {
          RankGroup.Member to = group.member((group.index() + distance) % group.size());
          RankGroup.Member from =
              group.member(Math.floorMod(group.index() - distance, group.size()));
          long connection = connection(Use.STRIDE, distance);
          Wire out = call(to, connection);
          Wire in = Wire.NONE;
          try {
            in = await(from, connection);
            return transfer(to, out, from, in);
          } catch (RuntimeException e) {
            out.close();
            in.close();
            throw e;
          }
        });
  }

  /** Sends to one rank. */
  RingTransfer to(int index) {
    return outgoing.computeIfAbsent(
        index,
        peer -> {
          RankGroup.Member to = group.member(peer);
          return transfer(to, call(to, connection(Use.PAIR, 0)), to, Wire.NONE);
        });
  }

  /** Receives from one rank. */
  RingTransfer from(int index) {
    return incoming.computeIfAbsent(
        index,
        peer -> {
          RankGroup.Member from = group.member(peer);
          return transfer(from, Wire.NONE, from, await(from, connection(Use.PAIR, 0)));
        });
  }

  private RingTransfer transfer(RankGroup.Member to, Wire out, RankGroup.Member from, Wire in) {
    try {
      return new RingTransfer(group, to, out, from, in, traffic);
    } catch (IOException e) {
      throw group.lost(from, CONNECTING, e);
    }
  }

  private long connection(Use use, int distance) {
    return (31 * (31 * id + use.ordinal()) + distance) * Use.values().length + use.ordinal();
  }

  /** What makes one connection; several of them are one wire. */
  private interface Socket {
    Wire open(long connection);
  }

  private Wire wire(long connection, Socket socket) {
    List<Wire> wires = new ArrayList<>();
    try {
      for (int i = 0; i < group.context().socketsPerPeer(); i++) {
        wires.add(socket.open(connection * RankContext.MOST_SOCKETS + i));
      }
    } catch (RuntimeException e) {
      wires.forEach(Wire::close);
      throw e;
    }
    return wires.size() == 1 ? wires.get(0) : new StripedWire(wires);
  }

  private Wire call(RankGroup.Member to, long connection) {
    return wire(connection, each -> callOnce(to, each));
  }

  private Wire await(RankGroup.Member from, long connection) {
    return wire(connection, each -> awaitOnce(from, each));
  }

  private Wire callOnce(RankGroup.Member to, long connection) {
    int self = group.context().rank();
    try {
      return group
          .endpoint()
          .call(
              to.address(),
              new Handshake.Hello(Handshake.Kind.RING, self, to.rank(), connection),
              group.timeout());
    } catch (Handshake.Refused e) {
      throw new RankFailure(
          to.rank(), "%s refused rank %d: %s".formatted(to, self, e.getMessage()), e);
    } catch (IOException e) {
      throw group.lost(to, "connecting (" + e.getMessage() + ")", e);
    }
  }

  private Wire awaitOnce(RankGroup.Member from, long connection) {
    try {
      Wire in = group.endpoint().await(connection, from.rank(), group.timeout());
      if (in == null) {
        group.checkNotices(CONNECTING);
        List<String> refusals = group.endpoint().refusals();
        throw group.late(
            from, refusals.isEmpty() ? CONNECTING : "connecting (" + refusals.get(0) + ")");
      }
      return in;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw group.interrupted(from, CONNECTING);
    }
  }

  @Override
  public void close() {
    List<RingTransfer> all = new ArrayList<>(strides.values());
    all.addAll(outgoing.values());
    all.addAll(incoming.values());
    all.forEach(RingTransfer::close);
  }
}
