package io.batchwright.kernel.cuda;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts launches that come again as CUDA graphs, one call of the driver for many; of the GPU
 * thread. Launches come in segments: in those of one there was no other work between them.
 *
 * <p>A segment that comes for the second time, with the same kernels and geometry and most values
 * of parameters, becomes a graph: a chain of its launches. From then on the launches whose values
 * differ are set in the graph before it is started, addresses as well as numbers. So what runs is
 * what was handed over, in its order, whatever the memory that parameters point to has become
 * since. Where the driver refuses a graph, launches go on one by one until graphs are wanted anew.
 */
final class LaunchGraphs {
  static final String PROPERTY = "batchwright.cuda.graphs";
  private static final Logger LOG = LoggerFactory.getLogger(LaunchGraphs.class);
  private static final int FEWEST_LAUNCHES = 4; // a graph costs about two of them
  private static final int MOST_SEEN = 1024;
  private static final int MOST_GRAPHS = 256;

  private final Driver driver;
  private final Modules modules;
  private final List<Seen> seen = new ArrayList<>();
  private long segments;
  private volatile boolean refused; // read by who hands launches over
  private int graphs;
  private long together;
  private long singly;
  private long set;

  LaunchGraphs(Driver driver, Modules modules) {
    this.driver = driver;
    this.modules = modules;
  }

  /**
   * Whether {@code -Dbatchwright.cuda.graphs=off|auto} asks for graphs; off by default.
   *
   * @throws IllegalArgumentException for another value; not a failure of the device, which would be
   *     taken for having none
   */
  static boolean configured() {
    String value = System.getProperty(PROPERTY, "off");
    return switch (value) {
      case "off" -> false;
      case "auto" -> true;
      default ->
          throw new IllegalArgumentException(
              PROPERTY + " must be one of off, auto, got '" + value + "'");
    };
  }

  /** Whether the driver refused a graph since these were last wanted; gathering is idle then. */
  boolean refused() {
    return refused;
  }

  /** Starts launches one by one. */
  void startSingly(List<Launch> launches) {
    for (Launch launch : launches) {
      driver.launch(modules.function(launch.kernel()), launch);
      singly++;
    }
  }

  /** Starts a segment, by its graph where it came before. */
  void start(List<Launch> segment) {
    if (refused || segment.size() < FEWEST_LAUNCHES) {
      startSingly(segment);
      return;
    }
    segments++;
    Seen nearest = nearest(segment);
    if (nearest == null) {
      remember(segment);
      startSingly(segment);
      return;
    }
    nearest.lastUsed = segments;
    try {
      if (nearest.graph == null) {
        make(nearest, segment);
      } else {
        set(nearest, segment);
      }
    } catch (CudaFailure e) {
      // Nothing of the segment has been started. If it is the device that fails, so will this.
      refuse(e);
      startSingly(segment);
      return;
    }
    driver.start(nearest.graph);
    together += segment.size();
  }

  /** The one of the same shape from which the fewest launches differ, unless most of them do. */
  private Seen nearest(List<Launch> segment) {
    int shape = shapeOf(segment);
    Seen nearest = null;
    int fewest = segment.size() / 2 + 1;
    for (Seen one : seen) {
      if (one.shape == shape && one.hasShapeOf(segment)) {
        int differing = one.differing(segment);
        if (differing < fewest) {
          fewest = differing;
          nearest = one;
        }
      }
    }
    return nearest;
  }

  private static int shapeOf(List<Launch> segment) {
    int shape = segment.size();
    for (Launch launch : segment) {
      shape = 31 * shape + launch.shapeHash();
    }
    return shape;
  }

  private void remember(List<Launch> segment) {
    if (seen.size() >= MOST_SEEN) {
      forgetOldest(any -> true);
    }
    seen.add(new Seen(shapeOf(segment), segment, segments));
  }

  private void make(Seen of, List<Launch> segment) {
    if (graphs >= MOST_GRAPHS) {
      forgetOldest(one -> one.graph != null);
    }
    of.replace(segment);
    of.graph =
        driver.graph(
            segment.stream().map(launch -> modules.function(launch.kernel())).toList(), segment);
    graphs++;
    LOG.debug(
        "a graph of {} launches, {} to {}; {}",
        segment.size(),
        segment.get(0).kernel(),
        segment.get(segment.size() - 1).kernel(),
        counts());
  }

  private void set(Seen of, List<Launch> segment) {
    for (int i = 0; i < segment.size(); i++) {
      Launch launch = segment.get(i);
      if (!launch.hasValuesOf(of.launches.get(i))) {
        driver.set(of.graph, i, modules.function(launch.kernel()), launch);
        of.launches.set(i, launch);
        set++;
      }
    }
  }

  private void forgetOldest(Predicate<Seen> among) {
    seen.stream()
        .filter(among)
        .min(Comparator.comparingLong(one -> one.lastUsed))
        .ifPresent(
            oldest -> {
              seen.remove(oldest);
              if (oldest.graph != null) {
                graphs--;
                driver.destroy(oldest.graph);
              }
            });
  }

  private void refuse(CudaFailure why) {
    LOG.warn("CUDA graphs are off: {}", why.getMessage());
    try {
      drop();
    } catch (CudaFailure e) {
      LOG.debug("graphs that are not used any more were not given back", e);
    }
    refused = true;
  }

  /**
   * Gives all graphs back, forgets what came before, a refusal too, and counts anew.
   *
   * @throws CudaFailure if the driver failed for one of them; it was told of all
   */
  void drop() {
    List<Seen> all = List.copyOf(seen);
    seen.clear();
    graphs = 0;
    together = 0;
    singly = 0;
    set = 0;
    refused = false;
    CudaFailure failure = null;
    for (Seen one : all) {
      if (one.graph != null) {
        try {
          driver.destroy(one.graph);
        } catch (CudaFailure e) {
          failure = failure == null ? e : failure;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  Counts counts() {
    int nodes = 0;
    for (Seen one : seen) {
      nodes += one.graph == null ? 0 : one.launches.size();
    }
    return new Counts(graphs, nodes, together, singly, set);
  }

  /**
   * What there is and what was started since graphs were last wanted.
   *
   * @param graphs that are kept
   * @param nodes launches in these
   * @param together launches that were started by graphs
   * @param singly launches that were not
   * @param set how often a launch of a graph got other values
   */
  record Counts(int graphs, int nodes, long together, long singly, long set) {
    /** Of launches by graphs, from 0 to 1. */
    double share() {
      return together == 0 ? 0 : (double) together / (together + singly);
    }

    /**
     * As in {@code 12 graphs of 700 launches; 9,000 of 10,000 launches by graphs, 120 set anew}.
     */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%d graphs of %,d launches; %,d of %,d launches by graphs, %,d set anew",
          graphs,
          nodes,
          together,
          together + singly,
          set);
    }
  }

  /** A segment that came before. */
  private static final class Seen {
    private final int shape;
    private final List<Launch> launches;
    private long lastUsed;
    private Object graph; // of these launches; null until the segment comes again

    Seen(int shape, List<Launch> launches, long lastUsed) {
      this.shape = shape;
      this.launches = new ArrayList<>(launches);
      this.lastUsed = lastUsed;
    }

    boolean hasShapeOf(List<Launch> segment) {
      boolean same = launches.size() == segment.size();
      for (int i = 0; same && i < segment.size(); i++) {
        same = launches.get(i).hasShapeOf(segment.get(i));
      }
      return same;
    }

    int differing(List<Launch> segment) {
      int differing = 0;
      for (int i = 0; i < segment.size(); i++) {
        differing += launches.get(i).hasValuesOf(segment.get(i)) ? 0 : 1;
      }
      return differing;
    }

    void replace(List<Launch> segment) {
      for (int i = 0; i < segment.size(); i++) {
        launches.set(i, segment.get(i));
      }
    }
  }
}
