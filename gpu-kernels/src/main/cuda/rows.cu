// Rows of a table by number: RowKernels of the backend. The CPU reference is CpuRows.
//
// Ladder. Gathers: a block a row. Gradients: the host groups positions by the row they name (it has the ids), a block sums
// one group in the order of positions: no atomics. 2, if a GPU says that it pays: long groups cut into pieces.
#include "device.cuh"

template <class T>
DEVICE void bagMean(const T* table, const int* tokens, const int* offsets, T* out, i64 width) {
  int start = offsets[blockX()];
  int end = offsets[blockX() + 1];
  for (i64 i = threadIndex(); i < width; i += threadCount()) {
    double sum = 0;
    for (int t = start; t < end; t++) sum += table[tokens[t] * width + i];
    out[blockX() * width + i] = (T)(end > start + 1 ? sum / (end - start) : sum);
  }
}
KERNEL bag_mean_f32(const float* table, const int* tokens, const int* offsets, float* out, i64 width) { bagMean(table, tokens, offsets, out, width); }
KERNEL bag_mean_f64(const double* table, const int* tokens, const int* offsets, double* out, i64 width) { bagMean(table, tokens, offsets, out, width); }

// into[u], or into[targets[u]] to which it adds: the sum over p in [starts[u], starts[u + 1]) of factor weights[p] values[sources[p]];
// weights may be null.
template <class T>
DEVICE void sumGroup(const T* values, const int* sources, const double* weights, const int* starts, const int* targets, double factor, T* into, i64 width) {
  i64 to = targets ? targets[blockX()] : (int)blockX();
  for (i64 i = threadIndex(); i < width; i += threadCount()) {
    double sum = targets ? (double)into[to * width + i] : 0;
    for (int p = starts[blockX()]; p < starts[blockX() + 1]; p++) {
      sum += (weights ? weights[p] : factor) * values[sources[p] * width + i];
    }
    into[to * width + i] = (T)sum;
  }
}
KERNEL sum_groups_f32(const float* values, const int* sources, const double* weights, const int* starts, const int* targets, double factor, float* into, i64 width) {
  sumGroup(values, sources, weights, starts, targets, factor, into, width);
}
KERNEL sum_groups_f64(const double* values, const int* sources, const double* weights, const int* starts, const int* targets, double factor, double* into, i64 width) {
  sumGroup(values, sources, weights, starts, targets, factor, into, width);
}

template <class T>
DEVICE void gatherRow(const T* table, const int* rows, T* out, i64 width) {
  const T* from = table + rows[blockX()] * width;
  T* to = out + blockX() * width;
  for (i64 i = threadIndex(); i < width; i += threadCount()) to[i] = from[i];
}
KERNEL gather_rows_b16(const u16* table, const int* rows, u16* out, i64 width) { gatherRow(table, rows, out, width); }
KERNEL gather_rows_b32(const u32* table, const int* rows, u32* out, i64 width) { gatherRow(table, rows, out, width); }
KERNEL gather_rows_b64(const u64* table, const int* rows, u64* out, i64 width) { gatherRow(table, rows, out, width); }

KERNEL select_columns_f32(const float* in, const int* columns, float* out, i64 n, i64 width) { EACH(i, n) out[i] = in[i * width + columns[i]]; }
KERNEL select_columns_f64(const double* in, const int* columns, double* out, i64 n, i64 width) { EACH(i, n) out[i] = in[i * width + columns[i]]; }
KERNEL add_to_columns_f32(const float* values, const int* columns, float* into, i64 n, i64 width) { EACH(i, n) into[i * width + columns[i]] += values[i]; }
KERNEL add_to_columns_f64(const double* values, const int* columns, double* into, i64 n, i64 width) { EACH(i, n) into[i * width + columns[i]] += values[i]; }
