package io.batchwright.jobs.config;

import io.batchwright.technique.Check;
import io.batchwright.technique.ConditionalSettings;
import io.batchwright.technique.Paper;
import io.batchwright.technique.Renamed;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A recipe with one component of each kind that recipes may have. */
@Renamed(from = "batchSize", to = "pairsPerRank")
public record Garden(
    String title,
    boolean fenced,
    int pairsPerRank,
    long cacheBytes,
    double rate,
    Duration timeout,
    Season season,
    Optional<Double> clip,
    Bed bed,
    Plant plant,
    List<Plant> others,
    List<String> tags,
    List<Bed> beds,
    Map<String, String> labels)
    implements ConditionalSettings {

  static final Bed BED = new Bed(1, 5);

  /** What holds where a recipe is silent. */
  public static final Garden DEFAULTS =
      new Garden(
          "garden",
          false,
          32,
          1 << 20,
          0.5,
          Duration.ofSeconds(30),
          Season.EARLY_SPRING,
          Optional.empty(),
          BED,
          Rose.PAPER,
          List.of(),
          List.of("a"),
          List.of(),
          Map.of());

  public Garden {
    Check.atLeast("Garden.pairsPerRank", pairsPerRank, 1);
    Check.range("Garden.rate", rate, 0, true, 1, false);
  }

  @Override
  public Map<String, String> withoutEffect() {
    return fenced ? Map.of() : Map.of("cacheBytes", "the garden is not fenced");
  }

  /** When. */
  public enum Season {
    EARLY_SPRING,
    SUMMER
  }

  /** A record whose two components depend on each other. */
  public record Bed(int low, int high) {
    public static final Bed DEFAULTS = new Bed(1, 5);

    public Bed {
      Check.that(low <= high, "Bed.low", "must be at most high, got " + low + " > " + high);
    }
  }

  /** A family. */
  public sealed interface Plant extends Serializable permits Rose, Tulip, Grafted, CustomPlant {}

  /** A member. */
  @Paper(title = "On roses", arxiv = "1234.56789")
  public record Rose(double beta1, double beta2, int thorns) implements Plant {
    public static final Rose PAPER = new Rose(0.9, 0.99, 7);

    public Rose {
      Check.range("Rose.beta1", beta1, 0, true, 1, false);
      Check.range("Rose.beta2", beta2, 0, true, 1, false);
    }
  }

  /** A member without anything to set. */
  @Paper(title = "On tulips")
  public record Tulip() implements Plant {
    public static final Tulip PAPER = new Tulip();
  }

  /** A member that holds another. */
  @Paper(title = "On grafting")
  public record Grafted(Plant plant, List<Plant> twigs) implements Plant {
    public static final Grafted PAPER = new Grafted(Rose.PAPER, List.of());
  }

  /** The door to plants from outside. */
  public non-sealed interface CustomPlant extends Plant {}

  /** A plant from outside. */
  public record Cactus(int spines) implements CustomPlant {
    public static final Cactus DEFAULTS = new Cactus(100);
  }
}
