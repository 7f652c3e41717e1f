package io.batchwright.train.graph;

import io.batchwright.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;

/**
 * A named tensor that training changes, with the gradient of the current step.
 *
 * <p>An optimizer that updates rows lazily registers a {@link RowRefresher}; {@link #value()} and
 * the graph call it before anybody reads, so readers never see a row that lags behind. The tensor
 * lives in the run's arena; the gradient in a step's arena, so it must be consumed or cleared
 * before that arena is reset.
 */
public final class Parameter {
  private final String name;
  private final Tensor storage;
  private final boolean weightDecay;
  private final boolean frozen;
  private ParameterGroup group = ParameterGroup.DEFAULTS;
  private Reparametrization reparametrization = Reparametrization.NONE;
  private RowRefresher refresher = RowRefresher.NONE;
  private Gradient gradient;

  /** A trained parameter with weight decay. */
  public Parameter(String name, Tensor value) {
    this(name, value, true, false);
  }

  /**
   * A parameter.
   *
   * @param name unique within its model, such as {@code embedding.weight}
   * @param value the initial value; training writes into this tensor
   * @param weightDecay whether optimizers may decay it, by as much as its group says. Models say no
   *     for biases and norms, as transformers and sentence-transformers do, which decay tables; a
   *     static embedding says no for its table too
   * @param frozen whether it has no gradient and is never updated
   */
  public Parameter(String name, Tensor value, boolean weightDecay, boolean frozen) {
    this.name = Objects.requireNonNull(name);
    this.storage = Objects.requireNonNull(value);
    this.weightDecay = weightDecay;
    this.frozen = frozen;
  }

  public String name() {
    return name;
  }

  /** The current value, with every row up to date. */
  public Tensor value() {
    refresher.refreshAll();
    return storage;
  }

  /** The tensor itself, in which rows may lag behind; for optimizers. */
  public Tensor storage() {
    return storage;
  }

  /** The current value where only the rows named by {@code rows} (I32, any order) are read. */
  public Tensor valueForRows(Tensor rows) {
    refresher.refresh(rows);
    return storage;
  }

  /** Whether optimizers decay it. */
  public boolean weightDecay() {
    return weightDecay && group.decayFactor() > 0;
  }

  /** Its decay under a rule that decays others by {@code decay}; 0 where it is not decayed. */
  public double decay(double decay) {
    return weightDecay ? decay * group.decayFactor() : 0;
  }

  /** By what its learning rate is multiplied. */
  public double rateFactor() {
    return group.rateFactor();
  }

  /** Whether it has no gradient and is never updated. */
  public boolean frozen() {
    return frozen || group.frozen();
  }

  public ParameterGroup group() {
    return group;
  }

  /** Puts it into a group; before an optimizer is built for it. */
  public void group(ParameterGroup replacement) {
    this.group = Objects.requireNonNull(replacement);
  }

  /** What layers use in its place. */
  public Reparametrization reparametrization() {
    return reparametrization;
  }

  /** Makes layers use a function of it in its place. */
  public void reparametrization(Reparametrization replacement) {
    this.reparametrization = Objects.requireNonNull(replacement);
  }

  boolean isReparametrized() {
    return reparametrization != Reparametrization.NONE;
  }

  /** The gradient of the current step; empty where no backward pass has reached the parameter. */
  public Optional<Gradient> gradient() {
    return Optional.ofNullable(gradient);
  }

  /** Replaces the gradient, for instance by its sum over all ranks. */
  public void gradient(Gradient replacement) {
    this.gradient = replacement;
  }

  /** Forgets the gradient, after an update or before a new step. */
  public void clearGradient() {
    this.gradient = null;
  }

  /** Makes {@code replacement} responsible for rows that lag behind. */
  public void refresher(RowRefresher replacement) {
    this.refresher = Objects.requireNonNull(replacement);
  }

  @Override
  public String toString() {
    return name + " " + storage.shape() + " " + storage.dtype();
  }
}
