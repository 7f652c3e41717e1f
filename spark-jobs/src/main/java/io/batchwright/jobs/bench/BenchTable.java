package io.batchwright.jobs.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A table of the page, with what a reader must know to judge it.
 *
 * @param title its heading
 * @param header the columns' names
 * @param rows the cells
 * @param note data, set-up and reservations
 */
public record BenchTable(String title, List<String> header, List<List<String>> rows, String note) {
  public BenchTable {
    header = List.copyOf(header);
    rows = List.copyOf(rows);
    for (List<String> row : rows) {
      if (row.size() != header.size()) {
        throw new IllegalArgumentException(row + " has not the columns " + header);
      }
    }
  }

  /** Collects rows. */
  public static final class Builder {
    private final String title;
    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    private Builder(String title, List<String> header) {
      this.title = title;
      this.header = header;
    }

    /** Adds a row. */
    public Builder row(String... cells) {
      rows.add(List.of(cells));
      return this;
    }

    /** The table. */
    public BenchTable note(String note) {
      return new BenchTable(title, header, rows, note);
    }
  }

  /** A table to be filled. */
  public static Builder of(String title, String... header) {
    return new Builder(title, List.of(header));
  }
}
