package io.batchwright.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryBankTest {
  @TempDir Path folder;

  private MemoryBank bank() throws IOException {
    return new MemoryBank(folder.toString(), new Configuration());
  }

  private static List<String> text(MemoryBank bank) throws IOException {
    List<String> text = new ArrayList<>();
    for (org.apache.hadoop.fs.Path segment : bank.segments()) {
      assertThat(MemoryBank.dims(segment, new Configuration())).isEqualTo(2);
      for (MemoryBank.Entry entry : MemoryBank.read(segment, new Configuration())) {
        text.add(entry.step() + ":" + entry.sample() + "=" + entry.vector()[1]);
      }
    }
    return text;
  }

  @Test
  void whatARankAddedComesBackAndWhatIsPastTheCheckpointGoes() throws IOException {
    MemoryBank first = bank();
    MemoryBank second = bank();
    first.add(1, new long[] {7, 3}, new float[] {1, 2, 3, 4});
    first.add(2, new long[0], new float[0]);
    second.add(1, new long[] {5}, new float[] {5, 6});
    first.write(2, 0);
    second.write(2, 1);
    first.add(3, new long[] {7}, new float[] {7, 8});
    first.write(4, 0);
    first.write(4, 0); // nothing new
    assertThat(text(bank())).containsExactly("1:7=2.0", "1:3=4.0", "1:5=6.0", "3:7=8.0");
    bank().dropAfter(3);
    assertThat(text(bank())).containsExactly("1:7=2.0", "1:3=4.0", "1:5=6.0");
    bank().dropUntil(2);
    assertThat(bank().segments()).isEmpty();
  }

  @Test
  void aFileThatIsNoneOrThatWasCutIsNamed() throws IOException {
    MemoryBank bank = bank();
    bank.add(1, new long[] {7, 3}, new float[] {1, 2, 3, 4});
    bank.write(2, 0);
    org.apache.hadoop.fs.Path segment = bank.segments().get(0);
    Path file = Path.of(segment.toUri());
    byte[] whole = Files.readAllBytes(file);
    Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> MemoryBank.read(segment, new Configuration()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.getFileName() + " ends before its 2 vectors of 2");
    Files.write(file, new byte[20]);
    assertThatThrownBy(() -> MemoryBank.read(segment, new Configuration()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.getFileName() + " is no part of a memory bank");
  }
}
