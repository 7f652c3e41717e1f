/**
 * Records in Spark sessions that use Kryo.
 *
 * <p>Reading order: {@link io.batchwright.jobs.kryo.BatchwrightKryoRegistrator}, {@link
 * io.batchwright.jobs.kryo.RecordSerializer}. Records that cross Spark hold primitives, primitive
 * arrays, strings, enums and records; {@code List.of(...)} inside them does not read back.
 */
package io.batchwright.jobs.kryo;
