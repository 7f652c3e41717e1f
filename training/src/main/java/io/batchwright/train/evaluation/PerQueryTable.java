package io.batchwright.train.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Writes every system's figures for every query, one JSON object a line. */
final class PerQueryTable {
  private PerQueryTable() {}

  static void write(Path file, RetrievalTask task, Map<String, MetricTable> tables)
      throws IOException {
    ObjectMapper json = new ObjectMapper();
    MetricTable first = tables.values().iterator().next();
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int row = 0; row < first.size(); row++) {
        int query = first.ordinal(row);
        ObjectNode line = json.createObjectNode();
        line.put("query_id", first.query(row));
        line.put("group_id", task.groups().get(query));
        line.put("relevant", task.qrels().relevant(query));
        for (Map.Entry<String, MetricTable> table : tables.entrySet()) {
          ObjectNode values = line.putObject(table.getKey());
          for (Metric metric : table.getValue().metrics()) {
            values.put(metric.key(), table.getValue().value(metric, row));
          }
        }
        out.write(json.writeValueAsString(line) + "\n");
      }
    }
  }
}
