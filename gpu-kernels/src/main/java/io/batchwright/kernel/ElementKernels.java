package io.batchwright.kernel;

import io.batchwright.tensor.RandomStream;
import io.batchwright.tensor.Tensor;
import java.util.List;

/**
 * Element-wise operations. In the four binary ones {@code b} has the shape of {@code a}, or is a
 * row [C] or [1, C] used for every row of {@code a} [..., C], or a column [..., 1] used for every
 * column, or holds one element; {@code out} has the shape of {@code a}.
 */
public interface ElementKernels {

  /** Every element becomes {@code value}; any type. */
  void fill(Tensor out, double value);

  /** Element i becomes {@code low + (high - low) * stream.uniformAt(firstPosition + i)}. */
  void fillUniform(Tensor out, RandomStream stream, long firstPosition, double low, double high);

  /** Element i becomes {@code mean + deviation * stream.gaussianAt(firstPosition + i)}. */
  void fillGaussian(
      Tensor out, RandomStream stream, long firstPosition, double mean, double deviation);

  /** {@code out = in}; same type, same number of elements. */
  void copy(Tensor in, Tensor out);

  /** {@code out = in} under another type: F32, F64 and BF16 to each other, I32 to F32 and F64. */
  void cast(Tensor in, Tensor out);

  /** {@code out = a + b}. */
  void add(Tensor a, Tensor b, Tensor out);

  /** {@code out = a - b}. */
  void subtract(Tensor a, Tensor b, Tensor out);

  /** {@code out = a * b}. */
  void multiply(Tensor a, Tensor b, Tensor out);

  /** {@code out = a / b}. */
  void divide(Tensor a, Tensor b, Tensor out);

  /** {@code out = factor * in}. */
  void scale(Tensor in, double factor, Tensor out);

  /** {@code out = in + addend}. */
  void shift(Tensor in, double addend, Tensor out);

  /** Adds: {@code out += factor * x}. */
  void axpy(double factor, Tensor x, Tensor out);

  /** {@code tensors[i] = factors[i] * tensors[i]}, many at once; they must not overlap. */
  default void scaleEach(List<Tensor> tensors, double[] factors) {
    for (int i = 0; i < factors.length; i++) {
      scale(tensors.get(i), factors[i], tensors.get(i));
    }
  }

  /**
   * Adds, many at once: {@code outs[i] += factors[i] * xs[i]}.
   *
   * @param xs read; one may be the out of its own place, but must not overlap another
   * @param outs must not overlap each other
   */
  default void axpyEach(double[] factors, List<Tensor> xs, List<Tensor> outs) {
    for (int i = 0; i < factors.length; i++) {
      axpy(factors[i], xs.get(i), outs.get(i));
    }
  }

  /** {@code out = e^in}; F32 within 2e-7 relative. */
  void exp(Tensor in, Tensor out);

  /** Natural logarithm. */
  void log(Tensor in, Tensor out);

  void sqrt(Tensor in, Tensor out);

  /** Hyperbolic tangent; F32 within 5e-7 relative. */
  void tanh(Tensor in, Tensor out);

  /** {@code dIn = dOut * (1 - out^2)} where {@code out = tanh(in)}. */
  void tanhBackward(Tensor out, Tensor dOut, Tensor dIn);

  /** {@code out = -1, 0 or 1}: the sign of {@code in}; NaN stays NaN. */
  void sign(Tensor in, Tensor out);

  /** {@code out = max(in, 0)}. */
  void relu(Tensor in, Tensor out);

  /** {@code dIn = dOut} where {@code in > 0}, else 0. */
  void reluBackward(Tensor in, Tensor dOut, Tensor dIn);

  /** {@code out = in * (1 + erf(in / sqrt 2)) / 2}, the exact form and not the one by tanh. */
  void gelu(Tensor in, Tensor out);

  /** {@code dIn = dOut * gelu'(in)}. */
  void geluBackward(Tensor in, Tensor dOut, Tensor dIn);

  /**
   * {@code out = in / (1 - probability)} where the draw keeps an element, else 0 (Srivastava et
   * al., JMLR 15, 2014, scaled when training). Element (r, c) of R rows and C columns is kept where
   * {@code stream.intAt(rows[r] * C + c)}, as an unsigned number, is at least {@code probability *
   * 2^32}; so the gradient is the same call on the gradient of the output.
   *
   * @param rows [R] (I32, at least 0) what each row is to the stream: the same number, the same
   *     draws, wherever the row stands
   * @param probability of losing an element, in [0, 1)
   */
  void dropout(Tensor in, RandomStream stream, Tensor rows, double probability, Tensor out);

  /** {@code out = in} where {@code keep} (I32, same shape) is not 0, else {@code value}. */
  void maskedFill(Tensor in, Tensor keep, double value, Tensor out);
}
