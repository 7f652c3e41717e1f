package io.batchwright.data.token;

import java.util.ArrayList;
import java.util.List;

/**
 * GPT-2's printable character for each byte: printable Latin-1 stands for itself, the other 68
 * bytes are U+0100 and following, in order.
 */
final class ByteAlphabet {
  /** The 256 characters in the order of their code points. A symbol's id is its place. */
  static final List<String> SYMBOLS;

  private static final int[] ID_OF_BYTE = new int[256];

  static {
    char[] characterOfByte = new char[256];
    char next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      characterOfByte[b] = printable ? (char) b : next++;
    }
    List<String> symbols = new ArrayList<>();
    for (char c = 0; c < next; c++) {
      for (int b = 0; b < 256; b++) {
        if (characterOfByte[b] == c) {
          ID_OF_BYTE[b] = symbols.size();
          symbols.add(String.valueOf(c));
        }
      }
    }
    SYMBOLS = List.copyOf(symbols);
  }

  private ByteAlphabet() {}

  static int idOf(byte b) {
    return ID_OF_BYTE[b & 0xFF];
  }
}
