package io.batchwright.data.batch;

import io.batchwright.data.pack.PackedSamples;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/** Shards of random pairs for tests, written without Spark. */
public final class ShardFolder {
  private static final List<String> ROLES = List.of("positive", "query");

  private ShardFolder() {}

  /** Writes one epoch in {@code lanes} lanes with {@code samples[i]} samples in step i. */
  public static void write(Path folder, int epoch, int lanes, int vocabulary, int... samples)
      throws IOException {
    write(
        folder,
        epoch,
        lanes,
        new ShardColumns(ROLES, false, false, true),
        (step, from, to) -> pairs(epoch, step, from, to, vocabulary),
        samples);
  }

  /** The same of packed sequences, {@link #packed}. */
  public static void writePacked(Path folder, int epoch, int lanes, int vocabulary, int... samples)
      throws IOException {
    write(
        folder,
        epoch,
        lanes,
        new ShardColumns(List.of(PackedSamples.ROLE), false, false, false),
        (step, from, to) -> packed(epoch, step, from, to, vocabulary),
        samples);
  }

  /** The samples at positions {@code from} to {@code to} of a step. */
  private interface Steps {
    StepBatch of(long step, int from, int to);
  }

  private static void write(
      Path folder, int epoch, int lanes, ShardColumns columns, Steps steps, int... samples)
      throws IOException {
    Path target = folder.resolve("epoch-%05d".formatted(epoch));
    Files.createDirectories(target);
    List<ShardFile> files = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      Path file = target.resolve("lane-%d.arrow".formatted(lane));
      try (ShardFileWriter writer = new ShardFileWriter(file, columns)) {
        for (int step = 0; step < samples.length; step++) {
          int from = Placement.firstPosition(lane, lanes, samples[step]);
          int to = Placement.firstPosition(lane + 1, lanes, samples[step]);
          writer.write(steps.of(step, from, to));
        }
      }
      try (FileChannel channel = FileChannel.open(file)) {
        String hash =
            ShardFileReader.xxh3(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
        files.add(
            new ShardFile(
                file.getFileName().toString(), lane, 0, samples.length, channel.size(), hash));
      }
    }
    new ShardManifest(
            ShardManifest.FORMAT,
            ShardManifest.VERSION,
            1,
            epoch,
            lanes,
            samples.length,
            columns.roles(),
            false,
            false,
            columns.knownPositives(),
            samples,
            "plan",
            "tokenizer",
            0,
            files)
        .publish(folder.toUri().toString(), new Configuration());
  }

  /**
   * The samples at positions {@code from} to {@code to} of a step; each is the same however the
   * step is cut. A third of the positives occur twice; the positive of the next sample answers
   * every fourth query too.
   */
  public static StepBatch pairs(int epoch, long step, int from, int to, int vocabulary) {
    int[] positions = IntStream.range(from, to).toArray();
    long[] samples = IntStream.of(positions).mapToLong(p -> 1000 * step + p).toArray();
    long[] equal = IntStream.of(positions).mapToLong(p -> p % 5 == 0 ? -1 : p).toArray();
    float[] weights = new float[positions.length];
    Arrays.fill(weights, 1);
    long[] positives = IntStream.of(positions).mapToLong(ShardFolder::positive).toArray();
    List<long[]> known =
        IntStream.of(positions)
            .mapToObj(p -> p % 4 == 0 ? new long[] {positive(p), positive(p + 1)} : new long[0])
            .toList();
    Map<String, RoleBatch> roles = new TreeMap<>();
    long stream = 1_000_003L * epoch + 1_009L * step;
    roles.put("query", texts(samples, samples, stream, vocabulary));
    roles.put("positive", texts(positives, positives, stream + 7, vocabulary));
    return new StepBatch(
        epoch,
        step,
        positions,
        samples,
        equal,
        weights,
        KnownPositives.of(known),
        new TreeMap<>(roles));
  }

  /**
   * Packed sequences, each the same however the step is cut: one to four pieces of one to six
   * tokens. Three of four tokens are the number after the one before, so that there is something to
   * learn.
   */
  public static StepBatch packed(int epoch, long step, int from, int to, int vocabulary) {
    int[] positions = IntStream.range(from, to).toArray();
    long[] samples = IntStream.of(positions).mapToLong(p -> 1000 * step + p).toArray();
    List<Integer> tokens = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    int[] offsets = new int[samples.length + 1];
    for (int i = 0; i < samples.length; i++) {
      Random random = new Random(31 * samples[i] + 1_000_003L * epoch);
      int pieces = 1 + random.nextInt(4);
      for (int p = 0; p < pieces; p++) {
        int length = 1 + random.nextInt(6);
        for (int t = 0; t < length; t++) {
          boolean follows = t > 0 && random.nextInt(4) > 0;
          tokens.add(
              follows
                  ? (tokens.get(tokens.size() - 1) + 1) % vocabulary
                  : random.nextInt(vocabulary));
          places.add(t);
        }
      }
      offsets[i + 1] = tokens.size();
    }
    RoleBatch texts =
        new RoleBatch(
            tokens.stream().mapToInt(Integer::intValue).toArray(),
            offsets,
            places.stream().mapToInt(Integer::intValue).toArray(),
            samples);
    float[] weights = new float[positions.length];
    Arrays.fill(weights, 1);
    return new StepBatch(
        epoch,
        step,
        positions,
        samples,
        samples,
        weights,
        new TreeMap<>(Map.of(PackedSamples.ROLE, texts)));
  }

  private static long positive(int position) {
    return position % 3 == 0 ? position / 6 : position;
  }

  /** As {@link #pairs}, with two negatives a sample, a teacher's scores and a guide's vectors. */
  public static StepBatch taught(int epoch, long step, int from, int to, int vocabulary) {
    StepBatch pairs = pairs(epoch, step, from, to, vocabulary);
    long[] negatives =
        IntStream.range(2 * from, 2 * to).mapToLong(k -> k % 7 == 0 ? k / 4 : 100 + k).toArray();
    long stream = 1_000_003L * epoch + 1_009L * step;
    TreeMap<String, RoleBatch> roles = new TreeMap<>(pairs.roles());
    roles.put("negative", texts(negatives, negatives, stream + 7, vocabulary));
    roles.replaceAll((role, texts) -> taught(texts));
    return new StepBatch(
        epoch,
        step,
        pairs.positions(),
        pairs.samples(),
        pairs.equalHash(),
        pairs.weights(),
        pairs.knownPositives(),
        roles);
  }

  private static RoleBatch taught(RoleBatch texts) {
    float[] scores = new float[texts.sequences()];
    float[] guide = new float[3 * scores.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) Math.sin(texts.textIds()[i]);
      for (int d = 0; d < 3; d++) {
        guide[3 * i + d] = (float) Math.cos(texts.textIds()[i] * (d + 1.5) + d);
      }
    }
    return new RoleBatch(
        texts.tokens(), texts.cuSeqlens(), texts.positionIds(), texts.textIds(), scores, guide);
  }

  private static RoleBatch texts(long[] ids, long[] seeds, long stream, int vocabulary) {
    List<Integer> tokens = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    int[] offsets = new int[ids.length + 1];
    for (int i = 0; i < ids.length; i++) {
      Random random = new Random(31 * seeds[i] + stream);
      int length = 1 + random.nextInt(6);
      for (int t = 0; t < length; t++) {
        tokens.add(random.nextInt(vocabulary));
        places.add(t);
      }
      offsets[i + 1] = tokens.size();
    }
    return new RoleBatch(
        tokens.stream().mapToInt(Integer::intValue).toArray(),
        offsets,
        places.stream().mapToInt(Integer::intValue).toArray(),
        ids);
  }
}
