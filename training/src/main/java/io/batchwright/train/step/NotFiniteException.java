package io.batchwright.train.step;

/** The loss or a gradient stopped being a finite number; every rank throws it at the same step. */
public final class NotFiniteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotFiniteException(long step, double loss, double gradNorm) {
    super(
        "The %s is not finite at step %d (loss %s, gradient norm %s). Lower the learning rate, clip gradients, or set onNotFinite: SKIP."
            .formatted(Double.isFinite(loss) ? "gradient" : "loss", step, loss, gradNorm));
  }
}
