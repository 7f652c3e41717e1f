/**
 * Samples of like size together.
 *
 * <p>Reading order: {@link io.batchwright.data.bucket.Bucketing}, {@link
 * io.batchwright.data.bucket.LengthBuckets}, {@link io.batchwright.data.bucket.SingleBucket}.
 *
 * <p>To add a bucketing, write a record that adds the column {@code bucket} from exact counts,
 * never from a sample that depends on the partitioning.
 */
package io.batchwright.data.bucket;
