// Layer norm and its gradient: NormKernels of the backend. The CPU reference is CpuNorms.
//
// Ladder. One block a row, of one warp where the row is short, two neighbours a thread; statistics in double precision, the variance around the
// mean. A sum before it (embeddings, a residual) is one pass with it. The gradients of gain and bias are partial sums of pieces of rows, joined in order.
#include "device.cuh"

// Two neighbours of a row, the second 0 past its end: one access where they lie so.
DEVICE void pairAt(const u16* row, i64 i, i64 width, float* two) {
  if (((u64)row & 3) == 0 && i + 1 < width) {
    u32 both = *(const u32*)(row + i);
    two[0] = floatOf(both << 16);
    two[1] = floatOf(both & 0xFFFF0000u);
  } else {
    two[0] = floatOfBf16(row[i]);
    two[1] = i + 1 < width ? floatOfBf16(row[i + 1]) : 0;
  }
}
template <class T> DEVICE void pairAt(const T* row, i64 i, i64 width, T* two) {
  two[0] = row[i];
  two[1] = i + 1 < width ? row[i + 1] : 0;
}
DEVICE void putPair(u16* row, i64 i, i64 width, const float* two) {
  if (((u64)row & 3) == 0 && i + 1 < width) {
    *(u32*)(row + i) = packed(two[0], two[1]);
  } else {
    row[i] = bf16Of(two[0]);
    if (i + 1 < width) row[i + 1] = bf16Of(two[1]);
  }
}
template <class T> DEVICE void putPair(T* row, i64 i, i64 width, const T* two) {
  row[i] = two[0];
  if (i + 1 < width) row[i + 1] = two[1];
}
#define EACH_PAIR(i, width) for (i64 i = 2 * threadIndex(); i < (width); i += 2 * threadCount())

// Rows are of S, everything else of T.
template <class T, class S>
DEVICE void layerNormRow(const S* in, const T* gain, const T* bias, double epsilon, T* statistics, S* out, i64 width) {
  __shared__ double exchange[WARP];
  const S* row = in + blockX() * width;
  T two[2];
  double sum = 0;
  EACH_PAIR(i, width) {
    pairAt(row, i, width, two);
    sum += (double)two[0] + two[1];
  }
  double mean = blockSum(sum, exchange) / width;
  double squares = 0;
  EACH_PAIR(i, width) {
    pairAt(row, i, width, two);
    double other = i + 1 < width ? two[1] - mean : 0;
    squares += (two[0] - mean) * (two[0] - mean) + other * other;
  }
  double scale = 1 / root(blockSum(squares, exchange) / width + epsilon);
  if (threadIndex() == 0) {
    statistics[2 * blockX()] = (T)mean;
    statistics[2 * blockX() + 1] = (T)scale;
  }
  EACH_PAIR(i, width) {
    T gains[2], biases[2];
    pairAt(row, i, width, two);
    pairAt(gain, i, width, gains);
    pairAt(bias, i, width, biases);
    UNROLL for (int e = 0; e < 2; e++) two[e] = (two[e] - (T)mean) * (T)scale * gains[e] + biases[e];
    putPair(out + blockX() * width, i, width, two);
  }
}
KERNEL layer_norm_f32(const float* in, const float* gain, const float* bias, double epsilon, float* statistics, float* out, i64 width) {
  layerNormRow(in, gain, bias, epsilon, statistics, out, width);
}
KERNEL layer_norm_f64(const double* in, const double* gain, const double* bias, double epsilon, double* statistics, double* out, i64 width) {
  layerNormRow(in, gain, bias, epsilon, statistics, out, width);
}

KERNEL layer_norm_bf16(const u16* in, const float* gain, const float* bias, double epsilon, float* statistics, u16* out, i64 width) {
  layerNormRow(in, gain, bias, epsilon, statistics, out, width);
}

// A term of a sum of rows: row rows[i], or row i where there are no numbers, of rows `pitch` apart, 0 where all are the same.
template <class S> struct Term {
  const S* values;
  i64 pitch;
  const int* rows;
};
template <class S> DEVICE const S* rowOf(const Term<S>& term) {
  return term.values + (term.rows ? (i64)term.rows[blockX()] : (i64)blockX()) * term.pitch;
}

// The sum of two rows, or of three where c has values, and its norm; each thread reads back what it has written itself.
template <class T, class S>
DEVICE void addLayerNormRow(const Term<S>& a, const Term<S>& b, const Term<S>& c, const T* gain, const T* bias, double epsilon,
                            S* sum, T* statistics, S* out, i64 width) {
  const S* first = rowOf(a);
  const S* second = rowOf(b);
  const S* third = c.values ? rowOf(c) : c.values;
  EACH_PAIR(i, width) {
    T x[2], y[2];
    pairAt(first, i, width, x);
    pairAt(second, i, width, y);
    UNROLL for (int e = 0; e < 2; e++) x[e] = x[e] + y[e];
    if (third) {
      pairAt(third, i, width, y);
      UNROLL for (int e = 0; e < 2; e++) x[e] = x[e] + y[e];
    }
    putPair(sum + blockX() * width, i, width, x);
  }
  layerNormRow(sum, gain, bias, epsilon, statistics, out, width);
}
#define ADD_LAYER_NORM(T, S, suffix)                                                                                          \
  KERNEL add_layer_norm_##suffix(const S* a, i64 aPitch, const int* aRows, const S* b, i64 bPitch, const int* bRows,          \
                                 const S* c, i64 cPitch, const int* cRows, const T* gain, const T* bias, double epsilon,      \
                                 S* sum, T* statistics, S* out, i64 width) {                                                  \
    addLayerNormRow<T, S>({a, aPitch, aRows}, {b, bPitch, bRows}, {c, cPitch, cRows}, gain, bias, epsilon, sum, statistics,   \
                          out, width);                                                                                        \
  }
ADD_LAYER_NORM(float, float, f32)
ADD_LAYER_NORM(double, double, f64)
ADD_LAYER_NORM(float, u16, bf16)

// dIn = scale (g - mean(g) - normal mean(g normal)) with g = dOut gain.
template <class T, class S>
DEVICE void layerNormBackwardRow(const S* in, const T* gain, const T* statistics, const S* dOut, S* dIn, i64 width) {
  __shared__ double exchange[WARP];
  i64 first = blockX() * width;
  T mean = statistics[2 * blockX()];
  T scale = statistics[2 * blockX() + 1];
  T x[2], g[2], gains[2];
  double sum = 0;
  double dot = 0;
  EACH_PAIR(i, width) {
    pairAt(in + first, i, width, x);
    pairAt(dOut + first, i, width, g);
    pairAt(gain, i, width, gains); // 0 past the end
    UNROLL for (int e = 0; e < 2; e++) {
      T grad = g[e] * gains[e];
      sum += grad;
      dot += (double)grad * ((x[e] - mean) * scale);
    }
  }
  T meanGrad = (T)(blockSum(sum, exchange) / width);
  T meanDot = (T)(blockSum(dot, exchange) / width);
  EACH_PAIR(i, width) {
    pairAt(in + first, i, width, x);
    pairAt(dOut + first, i, width, g);
    pairAt(gain, i, width, gains);
    UNROLL for (int e = 0; e < 2; e++) {
      T normal = (x[e] - mean) * scale;
      x[e] = scale * (g[e] * gains[e] - meanGrad - normal * meanDot);
    }
    putPair(dIn + first, i, width, x);
  }
}
KERNEL layer_norm_backward_f32(const float* in, const float* gain, const float* statistics, const float* dOut, float* dIn, i64 width) {
  layerNormBackwardRow(in, gain, statistics, dOut, dIn, width);
}
KERNEL layer_norm_backward_f64(const double* in, const double* gain, const double* statistics, const double* dOut, double* dIn, i64 width) {
  layerNormBackwardRow(in, gain, statistics, dOut, dIn, width);
}

KERNEL layer_norm_backward_bf16(const u16* in, const float* gain, const float* statistics, const u16* dOut, u16* dIn, i64 width) {
  layerNormBackwardRow(in, gain, statistics, dOut, dIn, width);
}

// Piece y of `rows` rows: gains and biases [pieces, width] each.
template <class T, class S>
DEVICE void gainPieces(const S* in, const T* statistics, const S* dOut, double* gains, double* biases, i64 total, i64 width, i64 rows) {
  i64 column = (i64)blockX() * threadCount() + threadIndex();
  if (column >= width) return;
  i64 end = least(total, (i64)(blockY() + 1) * rows);
  double gainSum = 0;
  double biasSum = 0;
  for (i64 r = blockY() * rows; r < end; r++) {
    T grad = loaded(dOut[r * width + column]);
    gainSum += (double)grad * ((loaded(in[r * width + column]) - statistics[2 * r]) * statistics[2 * r + 1]);
    biasSum += grad;
  }
  gains[blockY() * width + column] = gainSum;
  biases[blockY() * width + column] = biasSum;
}
KERNEL layer_norm_gains_f32(const float* in, const float* statistics, const float* dOut, double* gains, double* biases, i64 total, i64 width, i64 rows) {
  gainPieces(in, statistics, dOut, gains, biases, total, width, rows);
}
KERNEL layer_norm_gains_f64(const double* in, const double* statistics, const double* dOut, double* gains, double* biases, i64 total, i64 width, i64 rows) {
  gainPieces(in, statistics, dOut, gains, biases, total, width, rows);
}
KERNEL layer_norm_gains_bf16(const u16* in, const float* statistics, const u16* dOut, double* gains, double* biases, i64 total, i64 width, i64 rows) {
  gainPieces(in, statistics, dOut, gains, biases, total, width, rows);
}

// Pieces of both [pieces, width] to their sums, in order.
template <class T>
DEVICE void joinGains(const double* gains, const double* biases, T* dGain, T* dBias, i64 width, i64 pieces) {
  EACH(i, 2 * width) {
    i64 column = i < width ? i : i - width;
    const double* from = (i < width ? gains : biases) + column;
    double sum = 0;
    for (i64 p = 0; p < pieces; p++) sum += from[p * width];
    (i < width ? dGain : dBias)[column] = (T)sum;
  }
}
KERNEL join_gains_f32(const double* gains, const double* biases, float* dGain, float* dBias, i64 width, i64 pieces) {
  joinGains(gains, biases, dGain, dBias, width, pieces);
}
KERNEL join_gains_f64(const double* gains, const double* biases, double* dGain, double* dBias, i64 width, i64 pieces) {
  joinGains(gains, biases, dGain, dBias, width, pieces);
}
