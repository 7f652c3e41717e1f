package io.batchwright.jobs.javadoc;

import java.io.Serializable;

/**
 * One task's share of a jar: its files {@code from} to {@code to} in the order of {@link
 * SourceJar#javaFiles}; or, where {@code problem} is set, a jar that could not be opened.
 */
record JarSlice(String jar, int from, int to, String problem) implements Serializable {}
