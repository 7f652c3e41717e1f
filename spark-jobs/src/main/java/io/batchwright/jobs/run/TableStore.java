package io.batchwright.jobs.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchwright.data.failure.BatchwrightException;
import io.batchwright.jobs.run.TableManifest.TableFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** The tables of one run: Parquet folders that a manifest makes visible. */
final class TableStore {
  static final String MANIFEST = "_manifest.json";

  private final Path folder;
  private final Configuration hadoop;
  private final Supplier<SparkSession> spark;

  TableStore(Path folder, Configuration hadoop, Supplier<SparkSession> spark) {
    this.folder = folder;
    this.hadoop = hadoop;
    this.spark = spark;
  }

  /**
   * Writes a table and its manifest, and returns it as committed. Whatever stood there, half
   * written or of an earlier attempt, goes first.
   */
  Dataset<Row> commit(String table, String stage, String fingerprint, Dataset<Row> rows) {
    Path path = path(table);
    find(table)
        .filter(other -> !other.stage().equals(stage))
        .ifPresent(
            other -> {
              throw new IllegalStateException(
                  "table %s of stage %s would be overwritten by stage %s"
                      .formatted(table, other.stage(), stage));
            });
    try {
      FileSystem files = path.getFileSystem(hadoop);
      files.delete(new Path(path, MANIFEST), false);
      files.delete(path, true);
      rows.write().mode(SaveMode.ErrorIfExists).parquet(path.toString());
      List<TableFile> committed = new ArrayList<>();
      for (FileStatus file : dataFiles(files, path)) {
        committed.add(
            new TableFile(
                file.getPath().getName(), file.getLen(), FileChecksum.of(file.getPath(), hadoop)));
      }
      StructType schema = rows.schema();
      long count = scan(path, schema, committed).count();
      TableManifest manifest =
          new TableManifest(stage, fingerprint, count, schema.json(), committed);
      new JsonFile(new Path(path, MANIFEST), hadoop).write(manifest.toJson());
      return read(table);
    } catch (IOException e) {
      throw FileFailure.of(e, "write table " + path);
    }
  }

  /** The committed table: exactly the files its manifest names. */
  Dataset<Row> read(String table) {
    TableManifest manifest = manifest(table);
    StructType schema = (StructType) DataType.fromJson(manifest.schema());
    return scan(path(table), schema, manifest.files());
  }

  TableManifest manifest(String table) {
    return find(table)
        .orElseThrow(
            () -> new IllegalStateException("table " + path(table) + " was never committed"));
  }

  Optional<TableManifest> find(String table) {
    try {
      Optional<ObjectNode> json = new JsonFile(new Path(path(table), MANIFEST), hadoop).read();
      return json.map(TableManifest::of);
    } catch (IOException e) {
      throw FileFailure.of(e, "read table " + path(table));
    }
  }

  /** Whether each file that the manifest names is there with its size. */
  boolean complete(String table) {
    Optional<TableManifest> manifest = find(table);
    if (manifest.isEmpty()) {
      return false;
    }
    try {
      FileSystem files = path(table).getFileSystem(hadoop);
      for (TableFile file : manifest.get().files()) {
        Path path = new Path(path(table), file.name());
        if (!files.exists(path) || files.getFileStatus(path).getLen() != file.bytes()) {
          return false;
        }
      }
      return true;
    } catch (IOException e) {
      throw FileFailure.of(e, "read table " + path(table));
    }
  }

  private Dataset<Row> scan(Path table, StructType schema, List<TableFile> files) {
    if (files.isEmpty()) {
      return spark.get().createDataFrame(List.of(), schema);
    }
    String[] paths =
        files.stream().map(file -> new Path(table, file.name()).toString()).toArray(String[]::new);
    return spark.get().read().schema(schema).parquet(paths);
  }

  private static List<FileStatus> dataFiles(FileSystem files, Path path) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    for (FileStatus file : files.listStatus(path)) {
      String name = file.getPath().getName();
      if (file.isDirectory()) {
        throw new IllegalStateException("unexpected folder " + file.getPath());
      }
      if (!name.startsWith("_") && !name.startsWith(".")) {
        found.add(file);
      }
    }
    found.sort(Comparator.comparing(file -> file.getPath().getName()));
    return found;
  }

  private Path path(String table) {
    if (!table.matches("[a-z][a-z0-9_]*")) {
      throw BatchwrightException.usage(table + " is not a table name: use [a-z][a-z0-9_]*");
    }
    return new Path(folder, table);
  }
}
