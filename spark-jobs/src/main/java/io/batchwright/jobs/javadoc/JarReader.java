package io.batchwright.jobs.javadoc;

import com.github.javaparser.ParseProblemException;
import io.batchwright.data.corpus.CorpusRows;
import io.batchwright.data.corpus.CorpusRows.Document;
import io.batchwright.data.corpus.CorpusRows.Place;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/** Reads one task's slices of the jars into {@link CorpusRows}. */
record JarReader(JavadocSource source, List<List<JarSlice>> tasks, SerializableConfiguration hadoop)
    implements FlatMapFunction<Integer, Row> {
  private static final int USER_COLUMNS = 1;

  @Override
  public Iterator<Row> call(Integer task) {
    MethodComments comments = new MethodComments();
    return tasks.get(task).stream().flatMap(slice -> read(slice, comments).stream()).iterator();
  }

  private List<Row> read(JarSlice slice, MethodComments comments) {
    String jarName = new Path(slice.jar()).getName();
    if (slice.problem() != null) {
      return List.of(unreadable(jarName, slice.problem()));
    }
    List<Row> rows = new ArrayList<>();
    String artifact = SourceJar.artifact(slice.jar());
    try (SourceJar jar = SourceJar.open(slice.jar(), hadoop.value())) {
      List<ZipEntry> files = jar.javaFiles(source.sampleOf(artifact));
      for (ZipEntry file : files.subList(slice.from(), slice.to())) {
        Place place = new Place(jarName, file.getName(), 0);
        try {
          rows.addAll(pairs(artifact, place, jar.read(file), comments));
        } catch (CharacterCodingException e) {
          rows.add(CorpusRows.quarantined("invalid_utf8", null, place, USER_COLUMNS));
        } catch (IOException e) {
          rows.add(CorpusRows.quarantined("unreadable_jar", e.getMessage(), place, USER_COLUMNS));
        } catch (ParseProblemException e) {
          String problem = e.getProblems().isEmpty() ? "" : e.getProblems().get(0).getMessage();
          rows.add(CorpusRows.quarantined("parse_error", problem, place, USER_COLUMNS));
        }
      }
      return rows;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("cannot read " + slice.jar(), e);
    }
  }

  private static Row unreadable(String jarName, String problem) {
    return CorpusRows.quarantined(
        "unreadable_jar", problem, new Place(jarName, "", 0), USER_COLUMNS);
  }

  private List<Row> pairs(String artifact, Place file, String text, MethodComments comments) {
    List<Row> rows = new ArrayList<>();
    List<MethodComment> found = text.contains("/**") ? comments.of(text) : List.of();
    rows.add(CorpusRows.input(file, found.size(), USER_COLUMNS));
    for (MethodComment comment : found) {
      String id = artifact + ":" + file.position() + "#" + comment.signature();
      Place place = new Place(file.path(), file.position(), comment.line());
      String query =
          Description.firstSentences(
              comment.comment(), source.maximumSentences(), source.maximumQueryCharacters());
      String reason = reasonToDrop(comment, query);
      if (reason != null) {
        rows.add(CorpusRows.removed(id, artifact, reason, place, 0, USER_COLUMNS));
      } else {
        rows.add(document(id, artifact, comment, place));
        rows.add(
            CorpusRows.query("q:" + id, query, artifact, comment.className(), place, USER_COLUMNS));
        rows.add(CorpusRows.judgement("q:" + id, id, 1, place, USER_COLUMNS));
      }
    }
    return rows;
  }

  private String reasonToDrop(MethodComment comment, String query) {
    if (query.isEmpty()) {
      return Description.inherited(comment.comment()) ? "inherit_doc" : "no_description";
    }
    if (comment.code() == null) {
      return "no_body";
    }
    if (Informative.foreign(query)) {
      return "not_english";
    }
    if (query.endsWith(";")) {
      return "not_prose";
    }
    return Informative.test(query, source.minimumContentWords()) ? null : "uninformative";
  }

  private static Row document(String id, String artifact, MethodComment comment, Place place) {
    TreeMap<String, String> meta = new TreeMap<>();
    meta.put("class", comment.className());
    meta.put("method", comment.method());
    meta.put("file", place.position());
    meta.put("line", Integer.toString(comment.line()));
    return CorpusRows.document(
        new Document(id, CorpusRows.GIVEN, artifact, comment.code(), meta),
        place,
        0,
        0,
        SourceText.renamed(comment.code(), comment.method(), JavadocCorpus.NEUTRAL_NAME));
  }
}
