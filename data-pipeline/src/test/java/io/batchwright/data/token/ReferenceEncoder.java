package io.batchwright.data.token;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Encodes as the trainers understand their own files: plain longest match and plain merging, for
 * comparison with the loaded library.
 */
final class ReferenceEncoder {
  private final WordRules rules;
  private final boolean wordPiece;
  private final boolean spaceFirst;
  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final Map<String, Integer> rankOfMerge = new HashMap<>();
  private final Pattern special;

  ReferenceEncoder(TokenizerTrainer trainer, String json) throws IOException {
    JsonNode root = new ObjectMapper().readTree(json);
    wordPiece = trainer instanceof WordPiece;
    rules = wordPiece ? ((WordPiece) trainer).wordRules() : ((ByteLevelBpe) trainer).wordRules();
    spaceFirst = !wordPiece && ((ByteLevelBpe) trainer).addsPrefixSpace();
    root.at("/model/vocab")
        .properties()
        .forEach(entry -> vocabulary.put(entry.getKey(), entry.getValue().asInt()));
    root.at("/model/merges").forEach(merge -> rankOfMerge.put(merge.asText(), rankOfMerge.size()));
    special =
        Pattern.compile(
            (wordPiece ? WordPiece.SPECIAL : ByteLevelBpe.SPECIAL)
                .stream().map(Pattern::quote).collect(Collectors.joining("|")));
  }

  int[] encode(String text) {
    List<Integer> ids = new ArrayList<>();
    Matcher matcher = special.matcher(text);
    int from = 0;
    while (matcher.find()) {
      section(text.substring(from, matcher.start()), ids);
      ids.add(vocabulary.get(matcher.group()));
      from = matcher.end();
    }
    section(text.substring(from), ids);
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private void section(String text, List<Integer> ids) {
    Consumer<String> word = wordPiece ? w -> longestMatch(w, ids) : w -> merge(w, ids);
    String normalized = rules.normalize(text);
    if (wordPiece) {
      WordPiece.split(normalized, word);
    } else {
      ByteLevelBpe.split(normalized, spaceFirst, word);
    }
  }

  private void longestMatch(String word, List<Integer> ids) {
    int unknown = vocabulary.get("[UNK]");
    int[] characters = word.codePoints().toArray();
    List<Integer> pieces = new ArrayList<>();
    int from = 0;
    while (from < characters.length && characters.length <= WordPiece.MAX_CHARACTERS) {
      int to = characters.length;
      Integer id = null;
      while (to > from && id == null) {
        String piece = new String(Arrays.copyOfRange(characters, from, to), 0, to - from);
        id = vocabulary.get(from == 0 ? piece : WordPiece.CONTINUATION + piece);
        to -= id == null ? 1 : 0;
      }
      if (id == null) {
        break;
      }
      pieces.add(id);
      from = to;
    }
    if (from < characters.length) {
      ids.add(unknown);
    } else {
      ids.addAll(pieces);
    }
  }

  private void merge(String word, List<Integer> ids) {
    List<String> symbols = new ArrayList<>();
    for (int id : ByteLevelBpe.bytes(word)) {
      symbols.add(ByteAlphabet.SYMBOLS.get(id));
    }
    while (true) {
      int best = -1;
      int bestRank = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < symbols.size(); i++) {
        Integer rank = rankOfMerge.get(symbols.get(i) + " " + symbols.get(i + 1));
        if (rank != null && rank < bestRank) {
          best = i;
          bestRank = rank;
        }
      }
      if (best < 0) {
        break;
      }
      symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
    }
    symbols.forEach(symbol -> ids.add(vocabulary.get(symbol)));
  }
}
