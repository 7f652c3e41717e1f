package io.batchwright.data.batch;

import java.io.Serializable;

/**
 * One committed file of shards.
 *
 * @param name the file's name within the epoch's folder
 * @param lane the lane it belongs to
 * @param firstStep its first step
 * @param steps the number of its steps, one record batch each
 * @param bytes its size
 * @param xxh3 the 64-bit XXH3 of all its bytes, 16 hexadecimal digits
 */
public record ShardFile(String name, int lane, long firstStep, long steps, long bytes, String xxh3)
    implements Serializable {}
