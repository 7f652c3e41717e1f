package io.batchwright.tensor;

import java.lang.ref.Cleaner;
import java.util.Comparator;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all arenas of this JVM hold, and which were lost without being closed. It reports and counts
 * a leak but frees nothing: a tensor of the lost arena might still be read.
 */
public final class ArenaLedger {
  private static final Logger LOG = LoggerFactory.getLogger(ArenaLedger.class);
  private static final Cleaner CLEANER = Cleaner.create();
  // Those that are open, or were lost.
  private static final Set<Account> ACCOUNTS = ConcurrentHashMap.newKeySet();
  private static final AtomicLong RESERVED = new AtomicLong();
  private static final AtomicLong OPEN = new AtomicLong();
  private static final AtomicLong LEAKED = new AtomicLong();

  private ArenaLedger() {}

  /** Bytes that all arenas have taken from their devices and not given back. */
  public static long reservedBytes() {
    return RESERVED.get();
  }

  /** Arenas that are open, or were lost. */
  public static long openArenas() {
    return OPEN.get();
  }

  /** Arenas found unreachable without having been closed. */
  public static long leakedArenas() {
    return LEAKED.get();
  }

  /** As in {@code largest arena 'run' with 1,048,576}. */
  public static String largest() {
    return ACCOUNTS.stream()
        .max(Comparator.comparingLong((Account account) -> account.bytes.get()))
        .map(
            account ->
                String.format(
                    Locale.ROOT, "largest arena '%s' with %,d", account.label, account.bytes.get()))
        .orElse("no arena is open");
  }

  static Account open(Arena arena, String label) {
    Account account = new Account(label);
    ACCOUNTS.add(account);
    account.registration = CLEANER.register(arena, account);
    OPEN.incrementAndGet();
    return account;
  }

  /**
   * One arena's line in the ledger; it must not refer to the arena, or that would never be found
   * lost.
   */
  static final class Account implements Runnable {
    private final String label;
    private final AtomicLong bytes = new AtomicLong();
    private Cleaner.Cleanable registration;
    private volatile boolean closed;

    private Account(String label) {
      this.label = label;
    }

    void add(long count) {
      bytes.addAndGet(count);
      RESERVED.addAndGet(count);
    }

    void close() {
      closed = true;
      OPEN.decrementAndGet();
      ACCOUNTS.remove(this);
      registration.clean();
    }

    @Override
    public void run() {
      if (!closed) {
        LEAKED.incrementAndGet();
        LOG.warn(
            "Arena '{}' was lost without close(): {} bytes stay taken",
            label,
            String.format(Locale.ROOT, "%,d", bytes.get()));
      }
    }
  }
}
