package io.batchwright.train.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.train.step.StepReport;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * One line per step, written in segments that end where checkpoints do, and joined at the end.
 *
 * <p>A segment is written before its checkpoint is published. Whoever resumes drops the segments
 * after the resumed step, so that the joined file has each step once.
 */
public final class MetricsSegments {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Path joined;
  private final FileSystem files;

  /**
   * The metrics of one run.
   *
   * @param directory the run's output folder, DIR
   */
  public MetricsSegments(String directory, Configuration hadoop) throws IOException {
    this.folder = new Path(directory, "metrics");
    this.joined = new Path(directory, "metrics.jsonl");
    this.files = folder.getFileSystem(hadoop);
  }

  /** Writes the steps since the last segment; nothing where there are none. */
  public void write(List<StepReport> reports) throws IOException {
    if (reports.isEmpty()) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    for (StepReport report : reports) {
      lines.append(line(report)).append('\n');
    }
    long first = reports.get(0).step();
    long last = reports.get(reports.size() - 1).step();
    try (OutputStream out =
        files.create(new Path(folder, "segment-%08d-%08d.jsonl".formatted(first, last)), true)) {
      out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Drops the segments that end after {@code step}. */
  public void dropAfter(long step) throws IOException {
    for (Path segment : segments()) {
      if (lastStep(segment) > step) {
        files.delete(segment, false);
      }
    }
  }

  /** Writes {@code DIR/metrics.jsonl} from all segments. */
  public void join() throws IOException {
    try (OutputStream out = files.create(joined, true)) {
      for (Path segment : segments()) {
        try (InputStream in = files.open(segment)) {
          in.transferTo(out);
        }
      }
    }
  }

  private List<Path> segments() throws IOException {
    try {
      return Arrays.stream(files.listStatus(folder))
          .map(FileStatus::getPath)
          .filter(path -> path.getName().startsWith("segment-"))
          .sorted(Comparator.comparing(Path::getName))
          .toList();
    } catch (FileNotFoundException none) {
      return List.of();
    }
  }

  private static long lastStep(Path segment) {
    String name = segment.getName();
    return Long.parseLong(name.substring(name.lastIndexOf('-') + 1, name.indexOf('.')));
  }

  private static String line(StepReport report) throws IOException {
    ObjectNode line = JSON.createObjectNode();
    line.put("step", report.step());
    line.put("epoch", report.epoch());
    finite(line, "loss", report.loss());
    finite(line, "validation_loss", report.validation().loss());
    finite(line, "validation_ndcg10", report.validation().ndcg10());
    finite(line, "validation_mrr10", report.validation().mrr10());
    finite(line, "validation_recall10", report.validation().recall10());
    finite(line, "validation_perplexity", report.validation().perplexity());
    finite(line, "learning_rate", report.learningRate());
    finite(line, "grad_norm", report.gradNorm());
    finite(line, "samples_per_second", report.samplesPerSecond());
    finite(line, "tokens_per_second", report.tokensPerSecond());
    finite(line, "step_seconds", report.stepSeconds());
    finite(line, "compute_seconds", report.computeSeconds());
    finite(line, "wait_seconds", report.waitSeconds());
    finite(line, "data_seconds", report.dataSeconds());
    if (report.skipped()) {
      line.put("skipped", true);
    }
    return JSON.writeValueAsString(line);
  }

  /** JSON has no word for what is not finite; such a field is left out. */
  private static void finite(ObjectNode line, String name, double value) {
    if (Double.isFinite(value)) {
      line.put(name, value);
    }
  }
}
