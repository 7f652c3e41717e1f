package io.batchwright.jobs.config;

/**
 * One value of a resolved recipe.
 *
 * @param key the dotted key
 * @param value its canonical text
 * @param origin where it comes from: {@code conf/x.yaml:12}, {@code --set}, {@code PAPER} or {@code
 *     DEFAULTS}
 */
public record ResolvedValue(String key, String value, String origin) {}
