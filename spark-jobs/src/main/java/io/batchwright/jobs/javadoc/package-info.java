/**
 * The documentation corpus: pairs of descriptions and methods out of {@code -sources} jars.
 *
 * <p>Reading order: {@link io.batchwright.jobs.javadoc.JavadocSource} (the recipe), {@link
 * io.batchwright.jobs.javadoc.JavadocCorpus} (the job), {@code JarSlices} (who reads what), {@code
 * JarReader} (one task), {@code MethodComments} and {@code SourceText} (a file's doc comments and
 * code), {@code Description} and {@code Informative} (a doc comment's first sentences, and whether
 * they are worth a query).
 */
package io.batchwright.jobs.javadoc;
