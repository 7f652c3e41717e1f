package io.batchwright.train.collective;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The ranks of one ring, and who among them is to blame when an operation fails.
 *
 * <p>In a ring only the neighbours of a silent rank see it; everybody else sees a neighbour that is
 * itself waiting. So each rank that gives up says so to all others, and each follows these notices
 * from accused to accused until it reaches a rank that accuses nobody.
 */
final class RankGroup {
  private static final Duration GRACE = Duration.ofSeconds(1);

  /**
   * One rank of the ring.
   *
   * @param rank its number among all ranks
   * @param address where it listens
   */
  record Member(int rank, RankAddress address) {
    @Override
    public String toString() {
      return "rank %d (%s)".formatted(rank, address);
    }
  }

  private final RankContext context;
  private final RankEndpoint endpoint;
  private final List<Member> members;
  private final List<RankAddress> everyone;
  private final int index;
  private String position = "";
  private RankFailure failure;

  /**
   * @param everyone addresses of all ranks of the run
   * @param ranks those in this ring, in the order of the ring
   */
  RankGroup(RankContext context, RankEndpoint endpoint, List<RankAddress> everyone, int[] ranks) {
    this.context = context;
    this.endpoint = endpoint;
    this.everyone = everyone;
    Member[] all = new Member[ranks.length];
    int own = -1;
    for (int i = 0; i < ranks.length; i++) {
      all[i] = new Member(ranks[i], everyone.get(ranks[i]));
      own = ranks[i] == context.rank() ? i : own;
    }
    if (own < 0) {
      throw new IllegalArgumentException(
          "rank %d is no member of the group".formatted(context.rank()));
    }
    this.members = List.of(all);
    this.index = own;
  }

  RankContext context() {
    return context;
  }

  RankEndpoint endpoint() {
    return endpoint;
  }

  List<RankAddress> everyone() {
    return everyone;
  }

  Duration timeout() {
    return context.timeout();
  }

  int index() {
    return index;
  }

  int size() {
    return members.size();
  }

  Member member(int i) {
    return members.get(i);
  }

  Member successor() {
    return members.get((index + 1) % size());
  }

  Member predecessor() {
    return members.get((index + size() - 1) % size());
  }

  void position(String where) {
    position = where;
  }

  /** Throws again what made the ring unusable. */
  void requireSound() {
    if (failure != null) {
      throw new RankFailure(failure.rank(), failure.getMessage(), failure);
    }
  }

  /** {@code member} did not answer in time. */
  RankFailure late(Member member, Object operation) {
    return failed(
        member,
        "%s did not answer within %s during %s"
            .formatted(member, seconds(context.timeout()), place(operation)),
        null);
  }

  /** The connection to {@code member} broke. */
  RankFailure lost(Member member, Object operation, Throwable cause) {
    if (Thread.currentThread().isInterrupted()) {
      return interrupted(member, operation);
    }
    return failed(member, "%s was lost during %s".formatted(member, place(operation)), cause);
  }

  /** {@code member} runs another operation than this rank. */
  RankFailure disagrees(Member member, String difference) {
    return failed(
        member,
        "the ranks do not run the same operations: %s is at %s%s"
            .formatted(member, difference, at()),
        null);
  }

  /** This thread was told to stop while it waited. */
  RankFailure interrupted(Member member, Object operation) {
    failure =
        new RankFailure(
            context.rank(),
            "rank %d was interrupted while it waited for %s during %s"
                .formatted(context.rank(), member, place(operation)),
            null);
    return failure;
  }

  /** Throws if another rank has given up. */
  void checkNotices(Object operation) {
    if (!endpoint.notices().isEmpty()) {
      Notice first = endpoint.notices().get(0);
      Member member = new Member(first.reporter(), everyone.get(first.reporter()));
      throw failed(member, "%s gave up during %s".formatted(member, place(operation)), null);
    }
  }

  /** Tells all others that this rank ends with {@code reason}. */
  void abort(String reason) {
    if (failure == null) {
      String message = "rank %d (%s) failed%s: %s";
      tell(
          new Notice(
              context.rank(),
              context.rank(),
              message.formatted(context.rank(), everyone.get(context.rank()), at(), reason)));
    }
  }

  private RankFailure failed(Member accused, String message, Throwable cause) {
    tell(new Notice(context.rank(), accused.rank(), message));
    Notice root = root(accused.rank(), message);
    failure = new RankFailure(root.accused(), root.message(), cause);
    return failure;
  }

  private void tell(Notice notice) {
    for (int rank = 0; rank < everyone.size(); rank++) {
      if (rank != context.rank() && rank != notice.accused()) {
        endpoint.tell(everyone.get(rank), rank, notice);
      }
    }
  }

  /** Follows who accuses whom; a rank that reports its own failure ends the search at once. */
  private Notice root(int accused, String message) {
    Notice best = new Notice(context.rank(), accused, message);
    Set<Integer> seen = new HashSet<>(Set.of(context.rank()));
    long deadline = System.nanoTime() + GRACE.toNanos();
    while (seen.add(best.accused())) {
      Notice next = noticeOf(best.accused(), deadline);
      if (next == null || seen.contains(next.accused())) {
        return next != null && next.accused() == next.reporter() ? next : best;
      }
      best = next;
    }
    return best;
  }

  private Notice noticeOf(int reporter, long deadline) {
    while (true) {
      for (Notice notice : endpoint.notices()) {
        if (notice.reporter() == reporter) {
          return notice;
        }
      }
      if (System.nanoTime() >= deadline) {
        return null;
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
  }

  private String place(Object operation) {
    return operation + at();
  }

  private String at() {
    return position.isEmpty() ? "" : " at " + position;
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }
}
