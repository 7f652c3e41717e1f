package io.batchwright.train.export;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A WordPiece vocabulary made from texts, its {@code tokenizer.json}, and its own greedy
 * longest-match tokenization of ASCII texts, written from the description of the algorithm.
 */
final class SmallWordPiece {
  private final Map<String, Integer> ids = new LinkedHashMap<>();

  SmallWordPiece(List<String> texts, int words) {
    Set<String> pieces = new LinkedHashSet<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"));
    for (char c = '!'; c <= '~'; c++) {
      if (!Character.isUpperCase(c)) {
        pieces.add(String.valueOf(c));
        pieces.add("##" + c);
      }
    }
    Map<String, Integer> counts = new TreeMap<>();
    for (String text : texts) {
      split(text).forEach(word -> counts.merge(word, 1, Integer::sum));
    }
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(words)
        .forEach(
            word -> {
              pieces.add(word.getKey());
              pieces.add("##" + word.getKey());
            });
    pieces.forEach(piece -> ids.put(piece, ids.size()));
  }

  int size() {
    return ids.size();
  }

  /** Lower case; words are runs of letters and digits, every other visible character is one. */
  private static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (char c : (text.toLowerCase(Locale.ROOT) + " ").toCharArray()) {
      if (Character.isLetterOrDigit(c)) {
        word.append(c);
        continue;
      }
      if (word.length() > 0) {
        words.add(word.toString());
        word.setLength(0);
      }
      if (!Character.isWhitespace(c)) {
        words.add(String.valueOf(c));
      }
    }
    return words;
  }

  int[] tokens(String text) {
    List<Integer> tokens = new ArrayList<>();
    for (String word : split(text)) {
      int from = 0;
      while (from < word.length()) {
        int to = word.length();
        Integer id = null;
        while (to > from && id == null) {
          id = ids.get((from > 0 ? "##" : "") + word.substring(from, to));
          to--;
        }
        if (id == null) {
          throw new IllegalStateException("no piece for " + word);
        }
        tokens.add(id);
        from = to + 1;
      }
    }
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  /** With truncation, padding and special tokens switched on, which encoding must not obey. */
  String json() {
    StringBuilder vocabulary = new StringBuilder();
    ids.forEach(
        (piece, id) ->
            vocabulary
                .append(vocabulary.length() == 0 ? "" : ",")
                .append('"')
                .append(piece.replace("\\", "\\\\").replace("\"", "\\\""))
                .append("\":")
                .append(id));
    return """
    {"version":"1.0",
     "truncation":{"direction":"Right","max_length":8,"strategy":"LongestFirst","stride":0},
     "padding":{"strategy":{"Fixed":8},"direction":"Right","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"},
     "added_tokens":[
      {"id":0,"content":"[PAD]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
      {"id":1,"content":"[UNK]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
      {"id":2,"content":"[CLS]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
      {"id":3,"content":"[SEP]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
     "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
     "pre_tokenizer":{"type":"BertPreTokenizer"},
     "post_processor":{"type":"TemplateProcessing",
      "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}}],
      "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
      "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}},
     "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
     "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":200,"vocab":{%s}}}
    """
        .formatted(vocabulary);
  }
}
