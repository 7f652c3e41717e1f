package io.batchwright.kernel.cuda;

import io.batchwright.kernel.Precision;

/** Each product by the provider that {@link ProductChoices} names for its kind and size. */
final class ChosenProducts implements Products {
  private final OwnProducts own;
  private final HostCublas cublas;
  private final ProductChoices choices;

  ChosenProducts(OwnProducts own, HostCublas cublas, ProductChoices choices) {
    this.own = own;
    this.cublas = cublas;
    this.choices = choices;
  }

  /** As in {@code own or cublas 12.4, bf16 by table 1a2b3c4d}: the same name, the same choices. */
  @Override
  public String name() {
    return "own or %s by table %s".formatted(cublas.name(), choices.id());
  }

  @Override
  public Precision precision() {
    return own.precision();
  }

  @Override
  public String choices() {
    return choices.text();
  }

  @Override
  public void multiply(Product product) {
    Products chosen = choices.isOwn(product) ? own : cublas;
    chosen.multiply(product);
  }
}
