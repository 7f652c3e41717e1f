package io.batchwright.jobs.mine;

import java.io.IOException;

/** The files of MS MARCO's passage ranking: ids and texts apart, triples of ids. */
final class MsMarcoTsv implements PairWriter {
  @Override
  public String mainFile() {
    return "qidpidtriples.train.tsv";
  }

  @Override
  public boolean wantsDocuments() {
    return true;
  }

  @Override
  public void document(MinedPair.Text document, LineFiles files) throws IOException {
    files.line("collection.tsv", document.id() + "\t" + oneLine(document.text()));
  }

  @Override
  public String pair(MinedPair pair, LineFiles files) throws IOException {
    files.line("queries.train.tsv", pair.queryId() + "\t" + oneLine(pair.query()));
    for (MinedPair.Text positive : pair.positives()) {
      files.line("qrels.train.tsv", pair.queryId() + "\t0\t" + positive.id() + "\t1");
      for (MinedPair.Text negative : pair.negatives()) {
        files.line(mainFile(), pair.queryId() + "\t" + positive.id() + "\t" + negative.id());
      }
    }
    return pair.negatives().isEmpty() ? "no_negative" : "";
  }

  private static String oneLine(String text) {
    return text.replaceAll("[\\t\\r\\n]+", " ");
  }
}
