package io.batchwright.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Owns the memory of tensors that die together. Tensors are carved one after the other out of
 * slabs; {@link #reset} takes them all back at once and keeps the memory, joined to one slab of the
 * size that was needed, so that a repeated step allocates nothing.
 *
 * <p>A run arena (parameters, optimizer state) contains a step arena (activations): closing or
 * resetting the outer one does the same to those inside. An arena belongs to one thread at a time.
 * One that is lost without {@link #close} is reported by {@link ArenaLedger}, not freed.
 */
public final class Arena implements AutoCloseable {
  /**
   * Tensors start at multiples of this many bytes: a cache line, and the widest vector register.
   */
  public static final int ALIGNMENT = 64;

  private static final long SMALLEST_SLAB = 1 << 20;
  private static final long LARGEST_GROWTH = 64 << 20;

  private final String label;
  private final Memory memory;
  private final Arena parent;
  private final long maxBytes;
  final ArenaLedger.Account account;
  private final List<Storage> slabs = new ArrayList<>();
  private final List<Arena> children = new ArrayList<>();
  private Arena scratch;
  private Optional<Places> places = Optional.empty();
  private volatile int generation;
  private volatile boolean closed;
  private long used;
  private long wanted;
  private long live;
  private long reserved;
  private long peak;

  /**
   * A root arena; usually made by a backend.
   *
   * @param maxBytes most memory it and its children may reserve, at least 1
   */
  public Arena(String label, Memory memory, long maxBytes) {
    this(label, memory, null, maxBytes);
  }

  private Arena(String label, Memory memory, Arena parent, long maxBytes) {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("Arena.maxBytes must be at least 1, got " + maxBytes);
    }
    this.label = label;
    this.memory = memory;
    this.parent = parent;
    this.maxBytes = maxBytes;
    this.account = ArenaLedger.open(this, label);
  }

  /** An arena inside this one, bounded only by this one's limit. */
  public Arena child(String childLabel) {
    return child(childLabel, maxBytes);
  }

  /** An arena inside this one with a limit of its own. */
  public Arena child(String childLabel, long childMaxBytes) {
    requireOpen();
    Arena child = new Arena(childLabel, memory, this, childMaxBytes);
    children.add(child);
    return child;
  }

  /**
   * The arena inside this one for what is not needed for as long: the same one at every call. Who
   * uses it resets it when done; its memory stays for the next user.
   */
  public Arena scratch() {
    if (scratch == null || scratch.closed) {
      scratch = child(label + " scratch");
    }
    return scratch;
  }

  /**
   * From now on tensors of one pass between two {@link #reset}s lie where those of the passes
   * before lay: the k-th of a label at the place of the k-th of that label, where it is no larger
   * than all before. For a device that is faster where addresses come again; it takes the sum of
   * the largest of each place, and while a pass is larger than all before it, its tensors beside
   * their old places.
   */
  public void keepPlaces() {
    if (places.isEmpty()) {
      places = Optional.of(new Places());
    }
  }

  /** A tensor whose contents are undefined. */
  public Tensor allocate(String tensorLabel, DType dtype, int... dims) {
    return allocate(tensorLabel, dtype, new Shape(dims));
  }

  /** A tensor whose contents are undefined. */
  public Tensor allocate(String tensorLabel, DType dtype, Shape shape) {
    requireOpen();
    long bytes = Math.multiplyExact(shape.elements(), (long) dtype.bytes());
    long aligned = Math.max(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    Optional<Places.Place> known = places.flatMap(all -> all.next(tensorLabel, aligned));
    Places.Place place =
        known.isPresent() ? known.get() : newPlace(tensorLabel, aligned, dtype + " " + shape);
    Tensor tensor = new Tensor(this, place.slab(), place.offset(), dtype, shape, tensorLabel);
    for (Arena arena = this; arena != null; arena = arena.parent) {
      arena.live += aligned;
      arena.peak = Math.max(arena.peak, arena.live);
    }
    wanted += aligned;
    return tensor;
  }

  private Places.Place newPlace(String tensorLabel, long aligned, String what) {
    long room = places.map(all -> all.roomFor(tensorLabel, aligned)).orElse(aligned);
    if (slabs.isEmpty() || used + room > slabs.get(slabs.size() - 1).bytes()) {
      grow(room, "'" + tensorLabel + "' " + what);
    }
    Places.Place place = new Places.Place(slabs.get(slabs.size() - 1), used, room);
    used += room;
    places.ifPresent(all -> all.put(tensorLabel, place));
    return place;
  }

  /** A tensor of zeros. */
  public Tensor zeros(String tensorLabel, DType dtype, int... dims) {
    return zeros(tensorLabel, dtype, new Shape(dims));
  }

  /** A tensor of zeros. */
  public Tensor zeros(String tensorLabel, DType dtype, Shape shape) {
    Tensor tensor = allocate(tensorLabel, dtype, shape);
    tensor.zero();
    return tensor;
  }

  /** An F32 tensor with these values. */
  public Tensor floats(String tensorLabel, float[] values, int... dims) {
    Tensor tensor =
        allocate(tensorLabel, DType.F32, dims.length == 0 ? new int[] {values.length} : dims);
    tensor.copyFrom(values);
    return tensor;
  }

  /** An F64 tensor with these values. */
  public Tensor doubles(String tensorLabel, double[] values, int... dims) {
    Tensor tensor =
        allocate(tensorLabel, DType.F64, dims.length == 0 ? new int[] {values.length} : dims);
    tensor.copyFrom(values);
    return tensor;
  }

  /** An I32 tensor with these values. */
  public Tensor ints(String tensorLabel, int[] values, int... dims) {
    Tensor tensor =
        allocate(tensorLabel, DType.I32, dims.length == 0 ? new int[] {values.length} : dims);
    tensor.copyFrom(values);
    return tensor;
  }

  /**
   * Takes all tensors back, those of the arenas inside too, and keeps the memory for the next ones.
   */
  public void reset() {
    requireOpen();
    children.forEach(Arena::reset);
    generation++;
    long needed = wanted;
    forgetTensors();
    if (places.isPresent()) {
      joinPlaces(places.get(), needed);
      return;
    }
    used = 0;
    if (slabs.size() > 1) {
      releaseSlabs();
      reserve(needed, "its tensors of one step");
    }
  }

  /** Lays the places out anew where much of the memory is of none. */
  private void joinPlaces(Places all, long needed) {
    all.restart(needed);
    long ofNone = slabs.stream().mapToLong(Storage::bytes).sum() - all.room();
    if (ofNone > Math.max(all.room() / 8, 2 * SMALLEST_SLAB)) {
      releaseSlabs();
      all.forgetUnused();
      used = all.room();
      if (used > 0) {
        reserve(used, "its tensors of one step");
        all.layOut(slabs.get(0));
      }
    }
  }

  public String label() {
    return label;
  }

  /**
   * Bytes of the tensors that are alive here and in the arenas inside, rounded up to the alignment.
   */
  public long liveBytes() {
    return live;
  }

  /** The largest {@link #liveBytes} so far. */
  public long peakBytes() {
    return peak;
  }

  /** Bytes taken from the device, here and in the arenas inside. */
  public long reservedBytes() {
    return reserved;
  }

  /** The most that {@link #reservedBytes} may become. */
  public long maxBytes() {
    return maxBytes;
  }

  /** Frees all memory, that of the arenas inside too. A second call does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    List.copyOf(children).forEach(Arena::close);
    closed = true;
    generation++;
    releaseSlabs();
    forgetTensors();
    if (parent != null) {
      parent.children.remove(this);
    }
    account.close();
  }

  int generation() {
    return generation;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("arena '" + label + "' is closed");
    }
  }

  /** A new slab for {@code bytes}: generous while the limit allows, exact otherwise. */
  private void grow(long bytes, String what) {
    // What outgrows its place is little, or else all places are laid out anew.
    long more = places.map(all -> all.room() / 16).orElse(wanted);
    long generous = Math.max(bytes, Math.max(SMALLEST_SLAB, Math.min(more, LARGEST_GROWTH)));
    reserve(generous <= headroom() ? generous : bytes, what);
    used = 0;
  }

  private void reserve(long bytes, String what) {
    for (Arena arena = this; arena != null; arena = arena.parent) {
      if (bytes > arena.maxBytes - arena.reserved) {
        throw new ArenaLimitException(
            String.format(
                Locale.ROOT,
                "arena '%s' cannot hold %s: %,d bytes asked, %,d live, %,d reserved, limit %,d (of arena '%s'); %s",
                label,
                what,
                bytes,
                arena.live,
                arena.reserved,
                arena.maxBytes,
                arena.label,
                ArenaLedger.largest()));
      }
    }
    slabs.add(taken(bytes, what));
    account.add(bytes);
    for (Arena arena = this; arena != null; arena = arena.parent) {
      arena.reserved += bytes;
    }
  }

  private Storage taken(long bytes, String what) {
    try {
      return memory.allocate(bytes);
    } catch (OutOfMemoryError e) {
      throw new ArenaLimitException(
          String.format(
              Locale.ROOT,
              "arena '%s' cannot hold %s: the %s's memory is used up: %,d bytes asked, %,d live, %,d reserved by all arenas; %s",
              label,
              what,
              memory.device(),
              bytes,
              live,
              ArenaLedger.reservedBytes(),
              ArenaLedger.largest()),
          e);
    }
  }

  private long headroom() {
    long headroom = Long.MAX_VALUE;
    for (Arena arena = this; arena != null; arena = arena.parent) {
      headroom = Math.min(headroom, arena.maxBytes - arena.reserved);
    }
    return headroom;
  }

  private void releaseSlabs() {
    long bytes = slabs.stream().mapToLong(Storage::bytes).sum();
    slabs.forEach(Storage::free);
    slabs.clear();
    account.add(-bytes);
    for (Arena arena = this; arena != null; arena = arena.parent) {
      arena.reserved -= bytes;
    }
  }

  private void forgetTensors() {
    for (Arena arena = parent; arena != null; arena = arena.parent) {
      arena.live -= wanted;
    }
    live -= wanted;
    wanted = 0;
  }

  /** As in {@code arena 'step': 1,024 of 1,048,576 bytes live}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "arena '%s': %,d of %,d bytes live", label, live, reserved);
  }
}
