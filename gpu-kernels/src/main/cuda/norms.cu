// Layer norm: SequenceKernels.layerNorm and its gradient. The CPU reference is CpuNorms.
//
// Ladder. One block a row, of one warp where the row is short; statistics in double precision, the variance around the
// mean. The gradients of gain and bias are partial sums of pieces of rows, joined in order by join_sum of reductions.cu.
#include "device.cuh"

// Rows are of S, everything else of T.
template <class T, class S>
DEVICE void layerNormRow(const S* in, const T* gain, const T* bias, double epsilon, T* statistics, S* out, i64 width) {
  __shared__ double exchange[WARP];
  const S* row = in + blockX() * width;
  double sum = 0;
  for (i64 i = threadIndex(); i < width; i += threadCount()) sum += loaded(row[i]);
  double mean = blockSum(sum, exchange) / width;
  double squares = 0;
  for (i64 i = threadIndex(); i < width; i += threadCount()) squares += (loaded(row[i]) - mean) * (loaded(row[i]) - mean);
  double scale = 1 / root(blockSum(squares, exchange) / width + epsilon);
  if (threadIndex() == 0) {
    statistics[2 * blockX()] = (T)mean;
    statistics[2 * blockX() + 1] = (T)scale;
  }
  for (i64 i = threadIndex(); i < width; i += threadCount()) {
    put(out + blockX() * width + i, (loaded(row[i]) - (T)mean) * (T)scale * gain[i] + bias[i]);
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

// dIn = scale (g - mean(g) - normal mean(g normal)) with g = dOut gain.
template <class T, class S>
DEVICE void layerNormBackwardRow(const S* in, const T* gain, const T* statistics, const S* dOut, S* dIn, i64 width) {
  __shared__ double exchange[WARP];
  i64 first = blockX() * width;
  T mean = statistics[2 * blockX()];
  T scale = statistics[2 * blockX() + 1];
  double sum = 0;
  double dot = 0;
  for (i64 i = threadIndex(); i < width; i += threadCount()) {
    T g = loaded(dOut[first + i]) * gain[i];
    sum += g;
    dot += (double)g * ((loaded(in[first + i]) - mean) * scale);
  }
  T meanGrad = (T)(blockSum(sum, exchange) / width);
  T meanDot = (T)(blockSum(dot, exchange) / width);
  for (i64 i = threadIndex(); i < width; i += threadCount()) {
    T normal = (loaded(in[first + i]) - mean) * scale;
    put(dIn + first + i, scale * (loaded(dOut[first + i]) * gain[i] - meanGrad - normal * meanDot));
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
