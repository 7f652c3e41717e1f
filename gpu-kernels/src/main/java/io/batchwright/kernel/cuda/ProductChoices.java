package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Precision;
import io.batchwright.tensor.DType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which provider multiplies what: our kernels or the host's cuBLAS, for each kind of product and
 * each place of a grid over m, n and k. A table is whole before it is used and never changes, so
 * the choice follows from the product and the table alone; {@link #id} stands for all its choices.
 *
 * <p>As text, one line a place: the type of the result, the layout, m, n, k, the provider, and the
 * least time of each in milliseconds.
 */
final class ProductChoices {
  private static final String FORMAT = "batchwright products 1";

  /** Our kernels are taken unless cuBLAS needs less than this share of their time. */
  private static final double CLEARLY_FASTER = 0.97;

  private final String madeFor;
  private final Grid grid;
  private final Map<Place, Times> times;
  private final String id;

  /**
   * @param madeFor device, versions and precision, in one line
   * @param times of every place
   */
  ProductChoices(String madeFor, Grid grid, Map<Place, Times> times) {
    this.madeFor = madeFor;
    this.grid = grid;
    this.times = new LinkedHashMap<>(times);
    String choices =
        this.times.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue().provider())
            .collect(Collectors.joining("\n"));
    this.id =
        CacheFolder.hash((grid + "\n" + choices).getBytes(StandardCharsets.US_ASCII))
            .substring(0, 8);
  }

  /** The same for tables that choose the same, whatever their times are. */
  String id() {
    return id;
  }

  String madeFor() {
    return madeFor;
  }

  Grid grid() {
    return grid;
  }

  /** Whether our own kernels are to multiply. What no place stands for is cuBLAS's. */
  boolean isOwn(Products.Product product) {
    Times found = times.get(grid.placeOf(product));
    return found != null && found.isOwn();
  }

  /** At how many places our own kernels were chosen. */
  long owns() {
    return times.values().stream().filter(Times::isOwn).count();
  }

  /** At how many places there was a choice. */
  int size() {
    return times.size();
  }

  String text() {
    String lines =
        times.entrySet().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue() + "\n")
            .collect(Collectors.joining());
    return FORMAT + "\n" + madeFor + "\n" + grid + "\n" + lines;
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException with the first thing that is wrong
   */
  static ProductChoices parse(String text) {
    List<String> lines = text.lines().toList();
    if (lines.size() < 3 || !lines.get(0).equals(FORMAT)) {
      throw new IllegalArgumentException("it does not begin with '" + FORMAT + "'");
    }
    Map<Place, Times> times = new LinkedHashMap<>();
    for (String line : lines.subList(3, lines.size())) {
      String[] words = line.split(" ");
      if (words.length != 8) {
        throw new IllegalArgumentException("not a choice: '" + line + "'");
      }
      Times read = new Times(Double.parseDouble(words[6]), Double.parseDouble(words[7]));
      if (!words[5].equals(read.provider())) {
        throw new IllegalArgumentException("not the faster one: '" + line + "'");
      }
      times.put(
          new Place(
              DType.valueOf(words[0]),
              Layout.valueOf(words[1].toUpperCase(Locale.ROOT)),
              Integer.parseInt(words[2]),
              Integer.parseInt(words[3]),
              Integer.parseInt(words[4])),
          read);
    }
    return new ProductChoices(lines.get(1), Grid.parse(lines.get(2)), times);
  }

  /** How the factors lie; both transposed counts as the first. */
  enum Layout {
    NN,
    NT,
    TN;

    static Layout of(Products.Product product) {
      return product.transposeA() ? TN : product.transposeB() ? NT : NN;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What was measured: a kind of product and its size. */
  record Place(DType result, Layout layout, int m, int n, int k) {
    /** As in {@code BF16 nt 2048 512 512}. */
    @Override
    public String toString() {
      return "%s %s %d %d %d".formatted(result, layout, m, n, k);
    }
  }

  /** The least milliseconds of a call by each provider. */
  record Times(double own, double cublas) {
    boolean isOwn() {
      return !(cublas < CLEARLY_FASTER * own);
    }

    String provider() {
      return isOwn() ? "own" : "cublas";
    }

    /** As in {@code cublas 0.0512 0.0367}. */
    @Override
    public String toString() {
      return provider() + " " + own + " " + cublas;
    }
  }

  /**
   * Extents that m, n and k are taken to, each to the nearest by ratio. The largest combinations
   * are left out: their positions in the list, from 0, add up to at most {@code most}.
   */
  record Grid(List<Integer> extents, int most) {
    /** From one tile to more than a layer of 8,192 tokens; no product of more than 69 GFLOP. */
    static final Grid USUAL = new Grid(List.of(128, 512, 2048, 8192), 7);

    Grid {
      extents = List.copyOf(extents);
    }

    /** Those of products that a backend of that precision makes of F32 and BF16 tensors. */
    List<Place> places(Precision precision) {
      List<DType> results =
          precision == Precision.BF16 ? List.of(DType.F32, DType.BF16) : List.of(DType.F32);
      List<Place> places = new ArrayList<>();
      for (DType result : results) {
        for (Layout layout : Layout.values()) {
          for (int m : extents) {
            for (int n : extents) {
              for (int k : extents) {
                if (extents.indexOf(m) + extents.indexOf(n) + extents.indexOf(k) <= most) {
                  places.add(new Place(result, layout, m, n, k));
                }
              }
            }
          }
        }
      }
      return places;
    }

    Place placeOf(Products.Product product) {
      int[] at = {nearest(product.m()), nearest(product.n()), nearest(product.k())};
      while (at[0] + at[1] + at[2] > most) {
        int largest = at[0] >= at[1] && at[0] >= at[2] ? 0 : at[1] >= at[2] ? 1 : 2;
        at[largest]--;
      }
      return new Place(
          product.dtype(),
          Layout.of(product),
          extents.get(at[0]),
          extents.get(at[1]),
          extents.get(at[2]));
    }

    private int nearest(int extent) {
      int at = 0;
      while (at + 1 < extents.size()
          && (long) extent * extent > (long) extents.get(at) * extents.get(at + 1)) {
        at++;
      }
      return at;
    }

    /** As in {@code 7 128 512 2048 8192}. */
    @Override
    public String toString() {
      return most + extents.stream().map(extent -> " " + extent).collect(Collectors.joining());
    }

    private static Grid parse(String text) {
      String[] words = text.split(" ");
      List<Integer> extents = new ArrayList<>();
      for (int i = 1; i < words.length; i++) {
        extents.add(Integer.parseInt(words[i]));
      }
      if (extents.isEmpty()) {
        throw new IllegalArgumentException("not a grid: '" + text + "'");
      }
      return new Grid(extents, Integer.parseInt(words[0]));
    }
  }
}
