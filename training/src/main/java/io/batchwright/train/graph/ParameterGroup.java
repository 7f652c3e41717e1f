package io.batchwright.train.graph;

import io.batchwright.technique.Check;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Parameters that are trained by the same variant of the optimizer's rule.
 *
 * @param name for messages and reports
 * @param pattern a regular expression that the whole name of a member matches, such as {@code
 *     embeddings\..*}
 * @param rateFactor by what the learning rate is multiplied, at least 0
 * @param decayFactor by what the optimizer's weight decay is multiplied, at least 0; parameters
 *     that are never decayed (biases, norms) stay so
 * @param frozen whether members have no gradient and are never updated
 */
public record ParameterGroup(
    String name, String pattern, double rateFactor, double decayFactor, boolean frozen)
    implements Serializable {
  /** All parameters under the optimizer's own rule; what is in no other group is in this one. */
  public static final ParameterGroup DEFAULTS = new ParameterGroup("all", ".*", 1, 1, false);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if one is left, or the pattern is no regular expression
   */
  public ParameterGroup {
    Check.that(name != null && !name.isBlank(), "ParameterGroup.name", "must be given");
    Check.that(pattern != null, "ParameterGroup.pattern", "must be given");
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "ParameterGroup.pattern must be a regular expression, got '%s' (%s)"
              .formatted(pattern, e.getDescription()),
          e);
    }
    Check.atLeast("ParameterGroup.rateFactor", rateFactor, 0);
    Check.atLeast("ParameterGroup.decayFactor", decayFactor, 0);
  }

  /** Whether a parameter of this name is a member. */
  public boolean holds(String parameterName) {
    return parameterName.matches(pattern);
  }

  /**
   * Puts each parameter into the first group that holds its name; those that none holds stay as
   * they are. Optimizers for them must be built afterwards.
   *
   * @throws IllegalArgumentException if a group has no member left, since its setting then has no
   *     effect
   */
  public static void assign(List<ParameterGroup> groups, List<Parameter> parameters) {
    List<ParameterGroup> unused = new ArrayList<>(groups);
    for (Parameter parameter : parameters) {
      groups.stream()
          .filter(group -> group.holds(parameter.name()))
          .findFirst()
          .ifPresent(
              group -> {
                parameter.group(group);
                unused.remove(group);
              });
    }
    if (!unused.isEmpty()) {
      throw new IllegalArgumentException(
          "parameter group '%s' (%s) has no member; parameters are %s"
              .formatted(
                  unused.get(0).name(),
                  unused.get(0).pattern(),
                  parameters.stream().map(Parameter::name).toList()));
    }
  }
}
