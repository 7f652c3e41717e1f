package io.batchwright.data.dedup;

/** A removed document beside its survivor, to look at. */
public record DuplicatePair(
    String docId,
    String source,
    String text,
    String survivorId,
    String survivorSource,
    String survivorText,
    double similarity) {}
