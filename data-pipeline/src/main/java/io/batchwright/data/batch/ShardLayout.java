package io.batchwright.data.batch;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The columns of a shard. A record batch is one row: the step, and lists of everything in it.
 *
 * <p>Order of columns: {@code step, epoch, position, sample, equal_hash, weight}, where the
 * manifest says so {@code known_positives_offsets} and {@code known_positives}, then for each role
 * {@code <role>_tokens, <role>_cu_seqlens, <role>_position_ids, <role>_text}, and where the
 * manifest says so {@code <role>_score} and {@code <role>_guide}. Order of buffers, as Arrow has
 * it: (validity, data) of a primitive column; (validity, offsets, validity, data) of a list.
 * Validity buffers have length zero, since nothing is null.
 */
final class ShardLayout {
  static final int SCALARS = 2;
  static final int SAMPLE_LISTS = 4;
  static final int LISTS_PER_ROLE = 4;
  static final int ALIGNMENT = 64;

  private static final ArrowType INT32 = new ArrowType.Int(32, true);
  private static final ArrowType INT64 = new ArrowType.Int(64, true);
  private static final ArrowType FLOAT32 =
      new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);

  private ShardLayout() {}

  static Schema schema(ShardColumns columns) {
    List<Field> fields = new ArrayList<>();
    fields.add(column("step", INT64));
    fields.add(column("epoch", INT32));
    fields.add(list("position", INT32));
    fields.add(list("sample", INT64));
    fields.add(list("equal_hash", INT64));
    fields.add(list("weight", FLOAT32));
    if (columns.knownPositives()) {
      fields.add(list("known_positives_offsets", INT32));
      fields.add(list("known_positives", INT64));
    }
    for (String role : columns.roles()) {
      fields.add(list(role + "_tokens", INT32));
      fields.add(list(role + "_cu_seqlens", INT32));
      fields.add(list(role + "_position_ids", INT32));
      fields.add(list(role + "_text", INT64));
      if (columns.scores()) {
        fields.add(list(role + "_score", FLOAT32));
      }
      if (columns.guide()) {
        fields.add(list(role + "_guide", FLOAT32));
      }
    }
    return new Schema(fields);
  }

  /** The index of the first buffer of list column {@code list}, counted over all lists. */
  static int firstBufferOfList(int list) {
    return 2 * SCALARS + 4 * list;
  }

  private static Field column(String name, ArrowType type) {
    return new Field(name, FieldType.notNullable(type), List.of());
  }

  private static Field list(String name, ArrowType type) {
    return new Field(
        name, FieldType.notNullable(ArrowType.List.INSTANCE), List.of(column("item", type)));
  }
}
