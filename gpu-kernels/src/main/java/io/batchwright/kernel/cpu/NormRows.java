package io.batchwright.kernel.cpu;

/**
 * The arrays of layer norm's gradient, one row at a time.
 *
 * @param in the row
 * @param dOut gradient of its result
 * @param gains of all rows
 * @param gainSums gradient of the gains, to which each row adds
 * @param biasSums gradient of the biases, to which each row adds
 * @param normal room for a row in between
 * @param dIn room for a row in between, then gradient of the row
 */
record NormRows(
    float[] in,
    float[] dOut,
    float[] gains,
    float[] gainSums,
    float[] biasSums,
    float[] normal,
    float[] dIn) {}
