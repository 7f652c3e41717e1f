package io.batchwright.data.split;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchwright.data.dedup.DedupSpark;
import io.batchwright.data.dedup.ShingleUnit;
import io.batchwright.data.dedup.Shingles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class HeldOutIndexTest {
  private static final Shingles SHINGLES = new Shingles(ShingleUnit.WORDS, 2);

  @Test
  void findsExactlyWhatComparingAllPairsFinds() {
    Random random = new Random(11);
    List<Row> heldOut = new ArrayList<>();
    List<String> train = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      String text = DedupSpark.words(i % 39, 4 + i % 39);
      for (int edit = 0; edit < i % 5; edit++) {
        text = DedupSpark.edited(text, random.nextInt(4 + i % 39), "e" + random.nextInt(9));
      }
      if (i % 2 == 0) {
        heldOut.add(RowFactory.create("h" + i, text));
      } else {
        train.add(text);
      }
    }
    heldOut.add(RowFactory.create("blank", " "));
    HeldOutIndex index = HeldOutIndex.of(heldOut.iterator(), SHINGLES, 1_000_000);
    int all = 0;
    for (double threshold : new double[] {0.2, 0.5, 0.8, 1}) {
      HeldOutIndex.Probe probe = index.probe(threshold);
      for (String text : train) {
        Map<String, Double> expected = new TreeMap<>();
        for (Row row : heldOut) {
          double similarity = Shingles.jaccard(SHINGLES.of(text), SHINGLES.of(row.getString(1)));
          if (similarity >= threshold) {
            expected.put(row.getString(0), similarity);
          }
        }
        Map<String, Double> found = new TreeMap<>();
        probe.find(SHINGLES.of(text), found::put);
        assertThat(found).isEqualTo(expected);
        all += found.size();
      }
    }
    assertThat(all).isGreaterThan(50);
  }
}
