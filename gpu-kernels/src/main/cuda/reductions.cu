// Sums, maxima and what is built on them: ReductionKernels of the backend. The CPU reference is CpuReductions, RowSoftmax.
//
// Ladder. Rows: one block a row, of one warp where the row is short, so that no barrier is needed. Columns and whole
// tensors in two stages, partial sums of fixed pieces and then their sum in order: no atomics, the same bits in each run.
#include "device.cuh"

template <class T, bool MAX>
DEVICE void reduceRow(const T* in, T* out, i64 extent, double factor) {
  __shared__ double exchange[WARP];
  const T* row = in + blockX() * extent;
  double value = MAX ? -(double)INFINITE_F32 : 0;
  for (i64 i = threadIndex(); i < extent; i += threadCount()) value = MAX ? greatest(value, (double)row[i]) : value + row[i];
  value = MAX ? blockMax(value, exchange) : blockSum(value, exchange);
  if (threadIndex() == 0) out[blockX()] = (T)(MAX ? value : value * factor);
}
KERNEL row_sum_f32(const float* in, float* out, i64 extent, double factor) { reduceRow<float, false>(in, out, extent, factor); }
KERNEL row_sum_f64(const double* in, double* out, i64 extent, double factor) { reduceRow<double, false>(in, out, extent, factor); }
KERNEL row_max_f32(const float* in, float* out, i64 extent, double factor) { reduceRow<float, true>(in, out, extent, factor); }
KERNEL row_max_f64(const double* in, double* out, i64 extent, double factor) { reduceRow<double, true>(in, out, extent, factor); }

// in [outer, extent, inner] -> partial [outer, pieces, inner], each of `rows` rows; block y is outer * pieces + piece.
template <class T, bool MAX>
DEVICE void reduceColumns(const T* in, double* partial, i64 extent, i64 inner, i64 rows, i64 pieces) {
  i64 column = (i64)blockX() * threadCount() + threadIndex();
  if (column >= inner) return;
  i64 outer = blockY() / pieces;
  i64 piece = blockY() % pieces;
  i64 end = least(extent, (piece + 1) * rows);
  double value = MAX ? -(double)INFINITE_F32 : 0;
  for (i64 r = piece * rows; r < end; r++) {
    double x = loaded(in[(outer * extent + r) * inner + column]);
    value = MAX ? greatest(value, x) : value + x;
  }
  partial[(i64)blockY() * inner + column] = value;
}
KERNEL column_sum_f32(const float* in, double* partial, i64 extent, i64 inner, i64 rows, i64 pieces) {
  reduceColumns<float, false>(in, partial, extent, inner, rows, pieces);
}
KERNEL column_sum_f64(const double* in, double* partial, i64 extent, i64 inner, i64 rows, i64 pieces) {
  reduceColumns<double, false>(in, partial, extent, inner, rows, pieces);
}
KERNEL column_sum_bf16(const u16* in, double* partial, i64 extent, i64 inner, i64 rows, i64 pieces) {
  reduceColumns<u16, false>(in, partial, extent, inner, rows, pieces);
}
KERNEL column_max_f32(const float* in, double* partial, i64 extent, i64 inner, i64 rows, i64 pieces) {
  reduceColumns<float, true>(in, partial, extent, inner, rows, pieces);
}
KERNEL column_max_f64(const double* in, double* partial, i64 extent, i64 inner, i64 rows, i64 pieces) {
  reduceColumns<double, true>(in, partial, extent, inner, rows, pieces);
}

// partial [outer, pieces, inner] -> out [outer, inner], n of them.
template <class T, bool MAX>
DEVICE void joinPieces(const double* partial, T* out, i64 n, i64 inner, i64 pieces, double factor) {
  EACH(i, n) {
    i64 outer = i / inner;
    i64 column = i - outer * inner;
    double value = MAX ? -(double)INFINITE_F32 : 0;
    for (i64 p = 0; p < pieces; p++) {
      double x = partial[(outer * pieces + p) * inner + column];
      value = MAX ? greatest(value, x) : value + x;
    }
    out[i] = (T)(MAX ? value : value * factor);
  }
}
KERNEL join_sum_f32(const double* partial, float* out, i64 n, i64 inner, i64 pieces, double factor) {
  joinPieces<float, false>(partial, out, n, inner, pieces, factor);
}
KERNEL join_sum_f64(const double* partial, double* out, i64 n, i64 inner, i64 pieces, double factor) {
  joinPieces<double, false>(partial, out, n, inner, pieces, factor);
}
KERNEL join_max_f32(const double* partial, float* out, i64 n, i64 inner, i64 pieces, double factor) {
  joinPieces<float, true>(partial, out, n, inner, pieces, factor);
}
KERNEL join_max_f64(const double* partial, double* out, i64 n, i64 inner, i64 pieces, double factor) {
  joinPieces<double, true>(partial, out, n, inner, pieces, factor);
}

// Sums over everything: one partial a block, then one block of `total`.
enum { PLAIN, NOT_FINITE };
template <class T, int WHAT>
DEVICE void sumEverything(const T* in, double* partial, i64 n) {
  __shared__ double exchange[WARP];
  double sum = 0;
  EACH(i, n) {
    double x = in[i];
    sum += WHAT == PLAIN ? x : x - x == 0 ? 0 : 1;
  }
  sum = blockSum(sum, exchange);
  if (threadIndex() == 0) partial[blockX()] = sum;
}
KERNEL sum_all_f32(const float* in, double* partial, i64 n) { sumEverything<float, PLAIN>(in, partial, n); }
KERNEL sum_all_f64(const double* in, double* partial, i64 n) { sumEverything<double, PLAIN>(in, partial, n); }
KERNEL count_not_finite_f32(const float* in, double* partial, i64 n) { sumEverything<float, NOT_FINITE>(in, partial, n); }
KERNEL count_not_finite_f64(const double* in, double* partial, i64 n) { sumEverything<double, NOT_FINITE>(in, partial, n); }

// A score under its mask: kind 0 none, 1 int (0 takes it out), 2 additive.
template <class T>
DEVICE T masked(const T* scores, const void* mask, int kind, i64 at) {
  T x = scores[at];
  if (kind == 1) return ((const int*)mask)[at] != 0 ? x : -(T)INFINITE_F32;
  return kind == 2 ? x + ((const T*)mask)[at] : x;
}

// One block a row; `logSum` instead of probabilities where LOG.
template <class T, bool LOG>
DEVICE void softmaxRow(const T* scores, const void* mask, int kind, T* out, i64 width) {
  __shared__ T exchange[WARP];
  __shared__ double sums[WARP];
  i64 first = blockX() * width;
  T lowest = -(T)INFINITE_F32;
  T max = lowest;
  for (i64 i = threadIndex(); i < width; i += threadCount()) max = greatest(max, masked(scores, mask, kind, first + i));
  max = blockMax(max, exchange);
  double sum = 0;
  if (max != lowest) {
    for (i64 i = threadIndex(); i < width; i += threadCount()) {
      sum += exponential(masked(scores, mask, kind, first + i) - max);
    }
  }
  sum = blockSum(sum, sums);
  if (LOG) {
    if (threadIndex() == 0) out[blockX()] = sum == 0 ? lowest : (T)(max + logarithm(sum));
    return;
  }
  T factor = sum == 0 ? (T)0 : (T)(1 / sum);
  for (i64 i = threadIndex(); i < width; i += threadCount()) {
    out[first + i] = sum == 0 ? (T)0 : exponential(masked(scores, mask, kind, first + i) - max) * factor;
  }
}
KERNEL softmax_f32(const float* scores, const void* mask, int kind, float* out, i64 width) { softmaxRow<float, false>(scores, mask, kind, out, width); }
KERNEL softmax_f64(const double* scores, const void* mask, int kind, double* out, i64 width) { softmaxRow<double, false>(scores, mask, kind, out, width); }
KERNEL log_sum_exp_f32(const float* scores, const void* mask, int kind, float* out, i64 width) { softmaxRow<float, true>(scores, mask, kind, out, width); }
KERNEL log_sum_exp_f64(const double* scores, const void* mask, int kind, double* out, i64 width) { softmaxRow<double, true>(scores, mask, kind, out, width); }

template <class T>
DEVICE void softmaxBackwardRow(const T* out, const T* dOut, T* dScores, i64 width) {
  __shared__ double exchange[WARP];
  i64 first = blockX() * width;
  double dot = 0;
  for (i64 i = threadIndex(); i < width; i += threadCount()) dot += (double)out[first + i] * dOut[first + i];
  T along = (T)blockSum(dot, exchange);
  for (i64 i = threadIndex(); i < width; i += threadCount()) dScores[first + i] = out[first + i] * (dOut[first + i] - along);
}
KERNEL softmax_backward_f32(const float* out, const float* dOut, float* dScores, i64 width) { softmaxBackwardRow(out, dOut, dScores, width); }
KERNEL softmax_backward_f64(const double* out, const double* dOut, double* dScores, i64 width) { softmaxBackwardRow(out, dOut, dScores, width); }

#define SHORTEST 1e-12

template <class T>
DEVICE void normalizeRow(const T* in, T* norms, T* out, i64 width) {
  __shared__ double exchange[WARP];
  i64 first = blockX() * width;
  double squares = 0;
  for (i64 i = threadIndex(); i < width; i += threadCount()) squares += (double)in[first + i] * in[first + i];
  double norm = root(blockSum(squares, exchange));
  T factor = (T)(1 / greatest(norm, SHORTEST));
  for (i64 i = threadIndex(); i < width; i += threadCount()) out[first + i] = in[first + i] * factor;
  if (threadIndex() == 0) norms[blockX()] = (T)norm;
}
KERNEL l2_normalize_f32(const float* in, float* norms, float* out, i64 width) { normalizeRow(in, norms, out, width); }
KERNEL l2_normalize_f64(const double* in, double* norms, double* out, i64 width) { normalizeRow(in, norms, out, width); }

template <class T>
DEVICE void normalizeBackwardRow(const T* out, const T* norms, const T* dOut, T* dIn, i64 width) {
  __shared__ double exchange[WARP];
  i64 first = blockX() * width;
  double dot = 0;
  for (i64 i = threadIndex(); i < width; i += threadCount()) dot += (double)out[first + i] * dOut[first + i];
  dot = blockSum(dot, exchange);
  double norm = norms[blockX()];
  T along = norm > SHORTEST ? (T)dot : (T)0;
  T factor = (T)(1 / greatest(norm, SHORTEST));
  for (i64 i = threadIndex(); i < width; i += threadCount()) dIn[first + i] = (dOut[first + i] - out[first + i] * along) * factor;
}
KERNEL l2_normalize_backward_f32(const float* out, const float* norms, const float* dOut, float* dIn, i64 width) {
  normalizeBackwardRow(out, norms, dOut, dIn, width);
}
KERNEL l2_normalize_backward_f64(const double* out, const double* norms, const double* dOut, double* dIn, i64 width) {
  normalizeBackwardRow(out, norms, dOut, dIn, width);
}

// The mean of each sequence's rows, of unit length: a block a sequence, columns over its threads.
template <class T>
DEVICE void poolNormalizeRow(const T* in, const int* offsets, T* norms, T* out, i64 width) {
  __shared__ double exchange[WARP];
  int start = offsets[blockX()];
  int end = offsets[blockX() + 1];
  T* row = out + blockX() * width;
  double squares = 0;
  for (i64 i = threadIndex(); i < width; i += threadCount()) {
    double sum = 0;
    for (int t = start; t < end; t++) sum += in[t * width + i];
    T mean = (T)(end > start + 1 ? sum / (end - start) : sum);
    row[i] = mean;
    squares += (double)mean * mean;
  }
  double norm = root(blockSum(squares, exchange));
  T factor = (T)(1 / greatest(norm, SHORTEST));
  for (i64 i = threadIndex(); i < width; i += threadCount()) row[i] = row[i] * factor;
  if (threadIndex() == 0) norms[blockX()] = (T)norm;
}
KERNEL pool_normalize_f32(const float* in, const int* offsets, float* norms, float* out, i64 width) { poolNormalizeRow(in, offsets, norms, out, width); }
KERNEL pool_normalize_f64(const double* in, const int* offsets, double* norms, double* out, i64 width) { poolNormalizeRow(in, offsets, norms, out, width); }

// Its gradient. Block y writes every `parts`-th row of the sequence.
template <class T>
DEVICE void poolNormalizeBackwardRows(const T* out, const T* norms, const int* offsets, const T* dOut, T* dIn, i64 width, int parts) {
  __shared__ double exchange[WARP];
  i64 first = blockX() * width;
  int start = offsets[blockX()];
  int end = offsets[blockX() + 1];
  double dot = 0;
  for (i64 i = threadIndex(); i < width; i += threadCount()) dot += (double)out[first + i] * dOut[first + i];
  dot = blockSum(dot, exchange);
  double norm = norms[blockX()];
  T along = norm > SHORTEST ? (T)dot : (T)0;
  T factor = (T)(1 / greatest(norm, SHORTEST));
  T share = end > start ? (T)(1.0 / (end - start)) : (T)0;
  for (i64 i = threadIndex(); i < width; i += threadCount()) {
    T gradient = (dOut[first + i] - out[first + i] * along) * factor * share;
    for (int t = start + (int)blockY(); t < end; t += parts) dIn[t * width + i] = gradient;
  }
}
KERNEL pool_normalize_backward_f32(const float* out, const float* norms, const int* offsets, const float* dOut, float* dIn, i64 width, int parts) {
  poolNormalizeBackwardRows(out, norms, offsets, dOut, dIn, width, parts);
}
KERNEL pool_normalize_backward_f64(const double* out, const double* norms, const int* offsets, const double* dOut, double* dIn, i64 width, int parts) {
  poolNormalizeBackwardRows(out, norms, offsets, dOut, dIn, width, parts);
}
