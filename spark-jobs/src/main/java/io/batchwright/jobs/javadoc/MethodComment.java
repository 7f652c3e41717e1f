package io.batchwright.jobs.javadoc;

/**
 * A method or constructor and its doc comment, as they stand in a file.
 *
 * @param className fully qualified, nested classes with dots
 * @param method its name
 * @param signature {@code Outer.Inner.name(Type,Type)}, unique in its file
 * @param line where its declaration begins, from 1
 * @param comment the doc comment with its delimiters
 * @param code the declaration without comments, or null where it has no body
 */
record MethodComment(
    String className, String method, String signature, int line, String comment, String code) {}
