// Matrix products and transposition: MatrixKernels of the backend. The CPU reference is JavaProduct.
//
// Ladder of c = alpha op(a) op(b) + beta c, row-major, each of a and b as it lies or transposed. What a layer does with its product
// (bias, residual, GELU) is done where the sums are, before they are stored; so is the join of pieces, and of what cuBLAS left.
//   1 matmul: tiles of 64 x 64 x 16 in shared memory, 4 x 4 products a thread, fused multiply-adds in order: float32 and
//     float64, the same bits in every run. Few tiles and a long inner dim are cut into pieces (weight gradients).
//   2 matmul_nt_rounded and its like, matmul_nt_bf16 where the result is kept in bf16: factors rounded to bf16 in memory first, once for all tiles (round_factors), tensor cores
//     (mma.sync m16n8k16, sm_80 and later), float32 sums; tiles of 128 x 128 x 32, four of them on their way to shared memory
//     by cp.async, read by ldmatrix, transposed where a factor is.
//   3 not written, it needs a GPU to be written against: wgmma with tensor maps for sm_90a.
#include "device.cuh"

#define TILE 64
#define DEPTH 16
#define PITCH (TILE + 4)

// What becomes of an element's sum: beta times the old contents, not read if beta is 0; bias [n]; residual [m, n]; all that is
// kept in `before`, and GELU taken of what is kept. Pointers may be null.
template <class T, class S> struct Epilogue {
  T beta;
  const T* bias;
  const S* residual;
  S* before;
};

// But for GELU.
template <class T, class S> DEVICE T finished(T sum, const Epilogue<T, S>& then, const S* c, i64 at, i64 column) {
  if (then.beta != 0) sum = sum + then.beta * loaded(c[at]);
  if (then.bias) sum = sum + then.bias[column];
  return then.residual ? sum + loaded(then.residual[at]) : sum;
}

// Two neighbours, or the first of them.
DEVICE void storeTwo(float* to, Two two, bool both) {
  if (both && ((u64)to & 7) == 0) {
    *(Two*)to = two;
  } else {
    to[0] = two.x;
    if (both) to[1] = two.y;
  }
}
DEVICE void storeTwo(u16* to, Two two, bool both) {
  if (both && ((u64)to & 3) == 0) {
    *(u32*)to = packed(two.x, two.y);
  } else {
    to[0] = bf16Of(two.x);
    if (both) to[1] = bf16Of(two.y);
  }
}

// a is [m, k]: element (i, l) lies at i aRow + l aColumn, one of which is 1; b [k, n] likewise. blockX counts tiles, row by
// row; blockY pieces of `depth` of k. With `partial` each piece is written there, else c. GELU only of float: in double it is
// too long to stand here for each of a thread's elements, and join_products has it.
template <class T>
DEVICE void multiplyTile(const T* a, i64 aRow, i64 aColumn, const T* b, i64 bRow, i64 bColumn, T* c, T* partial,
                         const Epilogue<T, T>& then, int m, int n, int k, int depth, T alpha) {
  __shared__ T as[DEPTH][PITCH];
  __shared__ T bs[DEPTH][PITCH];
  int across = (n + TILE - 1) / TILE;
  int firstRow = (int)(blockX() / across) * TILE;
  int firstColumn = (int)(blockX() % across) * TILE;
  int thread = (int)threadIndex();
  int row = thread / 16 * 4;
  int column = thread % 16 * 4;
  int begin = (int)blockY() * depth;
  int end = least(k, begin + depth);
  T sums[4][4];
  UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) sums[i][j] = 0;
  for (int first = begin; first < end; first += DEPTH) {
    UNROLL for (int s = 0; s < TILE * DEPTH / 256; s++) {
      int at = thread + 256 * s;
      // Neighbouring threads read neighbouring elements, whichever dim that is.
      int i = aColumn == 1 ? at / DEPTH : at % TILE;
      int l = aColumn == 1 ? at % DEPTH : at / TILE;
      as[l][i] = firstRow + i < m && first + l < end ? a[(firstRow + i) * aRow + (first + l) * aColumn] : (T)0;
      int j = bColumn == 1 ? at % TILE : at / DEPTH;
      l = bColumn == 1 ? at / TILE : at % DEPTH;
      bs[l][j] = firstColumn + j < n && first + l < end ? b[(first + l) * bRow + (firstColumn + j) * bColumn] : (T)0;
    }
    barrier();
    UNROLL for (int l = 0; l < DEPTH; l++) {
      T x[4], y[4];
      UNROLL for (int i = 0; i < 4; i++) x[i] = as[l][row + i];
      UNROLL for (int j = 0; j < 4; j++) y[j] = bs[l][column + j];
      UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) sums[i][j] = fused(x[i], y[j], sums[i][j]);
    }
    barrier();
  }
  UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) {
    if (firstRow + row + i < m && firstColumn + column + j < n) {
      i64 at = (i64)(firstRow + row + i) * n + firstColumn + column + j;
      if (partial) {
        partial[(i64)blockY() * m * n + at] = alpha * sums[i][j];
        continue;
      }
      T x = finished(alpha * sums[i][j], then, c, at, firstColumn + column + j);
      if (sizeof(T) == 4 && then.before) {
        then.before[at] = x;
        x = (T)geluOf((float)x);
      }
      c[at] = x;
    }
  }
}
KERNEL matmul_f32(const float* a, i64 aRow, i64 aColumn, const float* b, i64 bRow, i64 bColumn, float* c, float* partial, const float* bias, const float* residual, float* before, int m, int n, int k, int depth, float alpha, float beta) {
  multiplyTile<float>(a, aRow, aColumn, b, bRow, bColumn, c, partial, {beta, bias, residual, before}, m, n, k, depth, alpha);
}
KERNEL matmul_f64(const double* a, i64 aRow, i64 aColumn, const double* b, i64 bRow, i64 bColumn, double* c, double* partial, const double* bias, const double* residual, double* before, int m, int n, int k, int depth, double alpha, double beta) {
  multiplyTile<double>(a, aRow, aColumn, b, bRow, bColumn, c, partial, {beta, bias, residual, before}, m, n, k, depth, alpha);
}

// partial [pieces, m, n] may be c itself.
template <class T, class S>
DEVICE void joinProducts(const T* partial, S* c, i64 n, int pieces, const Epilogue<T, S>& then, i64 columns) {
  EACH(i, n) {
    T sum = 0;
    for (int p = 0; p < pieces; p++) sum = sum + partial[p * n + i];
    T x = finished(sum, then, c, i, i <= 0xFFFFFFFFll ? (u32)i % (u32)columns : i % columns);
    if (then.before) {
      put(then.before + i, x);
      x = geluOf(asStored(then.before, x));
    }
    put(c + i, x);
  }
}
KERNEL join_products_f32(const float* partial, float* c, i64 n, int pieces, float beta, const float* bias, const float* residual, float* before, i64 columns) {
  joinProducts<float, float>(partial, c, n, pieces, {beta, bias, residual, before}, columns);
}
KERNEL join_products_f64(const double* partial, double* c, i64 n, int pieces, double beta, const double* bias, const double* residual, double* before, i64 columns) {
  joinProducts<double, double>(partial, c, n, pieces, {beta, bias, residual, before}, columns);
}
KERNEL join_products_bf16(const float* partial, u16* c, i64 n, int pieces, float beta, const float* bias, const u16* residual, u16* before, i64 columns) {
  joinProducts<float, u16>(partial, c, n, pieces, {beta, bias, residual, before}, columns);
}

#define WIDE 128
#define DEEP 32
#define STAGES 4
#define ALONG_PITCH 80   // bytes of a row of 32 of the inner dim: 16 more, so that eight rows lie in different banks
#define ACROSS_PITCH 272 // bytes of a row of 128 of the outer dim
#define OPERAND_BYTES (WIDE * ALONG_PITCH)

// Eight columns from `column` on of a row of floats as bf16, 0 past the end.
DEVICE Words eightRounded(const float* row, i64 column, i64 columns) {
  float v[8];
  if (((u64)row & 15) == 0 && column + 8 <= columns) {
    Four low = *(const Four*)(row + column);
    Four high = *(const Four*)(row + column + 4);
    v[0] = low.x; v[1] = low.y; v[2] = low.z; v[3] = low.w;
    v[4] = high.x; v[5] = high.y; v[6] = high.z; v[7] = high.w;
  } else {
    UNROLL for (int i = 0; i < 8; i++) v[i] = column + i < columns ? row[column + i] : 0.0f;
  }
  return {packed(v[0], v[1]), packed(v[2], v[3]), packed(v[4], v[5]), packed(v[6], v[7])};
}

DEVICE Words eightRounded(const u16* row, i64 column, i64 columns) {
  u32 v[8];
  UNROLL for (int i = 0; i < 8; i++) v[i] = column + i < columns ? row[column + i] : 0;
  return {v[0] | v[1] << 16, v[2] | v[3] << 16, v[4] | v[5] << 16, v[6] | v[7] << 16};
}

// Factors of a product to bf16, rows padded with zeros to a multiple of eight: a has aEights of eight, b the rest of n, either
// may have none. What is bf16 already is padded.
KERNEL round_factors(const void* a, int aRounded, Words* aOut, i64 aColumns, i64 aEights, const void* b, int bRounded, Words* bOut,
                     i64 bColumns, i64 n) {
  EACH(i, n) {
    bool first = i < aEights;
    i64 at = first ? i : i - aEights;
    i64 columns = first ? aColumns : bColumns;
    i64 across = (columns + 7) / 8;
    i64 row = at <= 0xFFFFFFFFll ? (u32)at / (u32)across : at / across;
    i64 column = 8 * (at - row * across);
    const void* from = first ? a : b;
    (first ? aOut : bOut)[at] = (first ? aRounded : bRounded) ? eightRounded((const u16*)from + row * columns, column, columns)
                                                              : eightRounded((const float*)from + row * columns, column, columns);
  }
}

// 32 of the inner dim of 128 rows or columns of a factor, on their way to shared memory. Not ACROSS: rows of the tile are rows
// of the factor [limit, pitch], of which pitch are numbers or zeros. ACROSS: rows of the tile are of the inner dim, [end, pitch].
template <bool ACROSS>
DEVICE void startTile(const u16* from, i64 pitch, int outer, int limit, int inner, int end, u32 to) {
  UNROLL for (int half = 0; half < 2; half++) {
    int at = (int)threadIndex() + 256 * half;
    int row = ACROSS ? at / 16 : at / 4;
    int column = ACROSS ? at % 16 * 8 : at % 4 * 8;
    int line = (ACROSS ? inner : outer) + row;
    int place = (ACROSS ? outer : inner) + column;
    bool real = line < (ACROSS ? end : limit) && place < pitch;
    copyAsync(to + row * (ACROSS ? ACROSS_PITCH : ALONG_PITCH) + 2 * column, real ? from + line * pitch + place : from, real ? 16 : 0);
  }
}

// a [m, k], or [k, m] if TA; b [k, n], or [n, k] if TB; rows aPitch and bPitch apart. blockX, blockY and partial as above, depth
// a multiple of 32 or at least k. GELU only where b alone is transposed, as in a layer. Shared memory: STAGES times two operands.
template <bool TA, bool TB, class S>
DEVICE void multiplyRounded(const u16* a, i64 aPitch, const u16* b, i64 bPitch, S* c, float* partial,
                            const Epilogue<float, S>& then, int m, int n, int k, int depth, float alpha) {
  DYNAMIC_SHARED(u32, shared);
  u32 stages = sharedAddress(shared);
  int across = (n + WIDE - 1) / WIDE;
  int firstRow = (int)(blockX() / across) * WIDE;
  int firstColumn = (int)(blockX() % across) * WIDE;
  int warp = (int)threadIndex() / WARP;
  int lane = (int)threadIndex() % WARP;
  int warpRow = warp / 4 * 64;
  int warpColumn = warp % 4 * 32;
  int begin = (int)blockY() * depth;
  int end = least(k, begin + depth);
  int tiles = end > begin ? (end - begin + DEEP - 1) / DEEP : 0;
  // What this lane names of a matrix of 16 x 16: rows and columns as they lie, or those of the other dim.
  u32 aLane = TA ? (lane % 8 + lane / 16 * 8) * ACROSS_PITCH + lane / 8 % 2 * 16 + 2 * warpRow
                 : (warpRow + lane % 16) * ALONG_PITCH + lane / 16 * 16;
  u32 bLane = TB ? (warpColumn + lane % 8 + lane / 16 * 8) * ALONG_PITCH + lane / 8 % 2 * 16
                 : lane % 16 * ACROSS_PITCH + lane / 16 * 16 + 2 * warpColumn;
  float sums[4][4][4];
  UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) UNROLL for (int e = 0; e < 4; e++) sums[i][j][e] = 0;
  for (int t = 0; t < STAGES - 1; t++) {
    u32 stage = stages + t * 2 * OPERAND_BYTES;
    if (t < tiles) {
      startTile<TA>(a, aPitch, firstRow, m, begin + t * DEEP, end, stage);
      startTile<!TB>(b, bPitch, firstColumn, n, begin + t * DEEP, end, stage + OPERAND_BYTES);
    }
    commitAsync();
  }
  for (int t = 0; t < tiles; t++) {
    awaitAsync<STAGES - 2>();
    barrier(); // all see the tile, and all have left the one before it, whose place the next takes
    int next = t + STAGES - 1;
    if (next < tiles) {
      u32 stage = stages + next % STAGES * 2 * OPERAND_BYTES;
      startTile<TA>(a, aPitch, firstRow, m, begin + next * DEEP, end, stage);
      startTile<!TB>(b, bPitch, firstColumn, n, begin + next * DEEP, end, stage + OPERAND_BYTES);
    }
    commitAsync();
    u32 aTile = stages + t % STAGES * 2 * OPERAND_BYTES + aLane;
    u32 bTile = stages + t % STAGES * 2 * OPERAND_BYTES + OPERAND_BYTES + bLane;
    UNROLL for (int d = 0; d < DEEP / 16; d++) {
      u32 x[4][4], y[2][4];
      UNROLL for (int i = 0; i < 4; i++) {
        if (TA) loadTransposed(x[i], aTile + 16 * d * ACROSS_PITCH + 32 * i);
        else loadMatrices(x[i], aTile + 16 * i * ALONG_PITCH + 32 * d);
      }
      UNROLL for (int j = 0; j < 2; j++) {
        if (TB) loadMatrices(y[j], bTile + 16 * j * ALONG_PITCH + 32 * d);
        else loadTransposed(y[j], bTile + 16 * d * ACROSS_PITCH + 32 * j);
      }
      UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) mma(sums[i][j], x[i], y[j / 2] + j % 2 * 2);
    }
  }
  UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) UNROLL for (int half = 0; half < 2; half++) {
    int row = firstRow + warpRow + 16 * i + lane / 4 + 8 * half;
    int column = firstColumn + warpColumn + 8 * j + lane % 4 * 2;
    if (row >= m || column >= n) continue;
    i64 at = (i64)row * n + column;
    Two two = {alpha * sums[i][j][2 * half], alpha * sums[i][j][2 * half + 1]};
    if (partial) {
      storeTwo(partial + (i64)blockY() * m * n + at, two, column + 1 < n);
      continue;
    }
    two.x = finished(two.x, then, c, at, column);
    if (column + 1 < n) two.y = finished(two.y, then, c, at + 1, column + 1);
    if (!TA && TB && then.before) {
      storeTwo(then.before + at, two, column + 1 < n);
      two = {geluOf(asStored(then.before, two.x)), geluOf(asStored(then.before, two.y))};
    }
    storeTwo(c + at, two, column + 1 < n);
  }
}
#define ROUNDED(layout, TA, TB, S, suffix)                                                                                  \
  KERNEL matmul_##layout##_##suffix(const u16* a, i64 aPitch, const u16* b, i64 bPitch, S* c, float* partial,               \
                                    const float* bias, const S* residual, S* before, int m, int n, int k, int depth,        \
                                    float alpha, float beta) {                                                              \
    multiplyRounded<TA, TB, S>(a, aPitch, b, bPitch, c, partial, {beta, bias, residual, before}, m, n, k, depth, alpha);     \
  }
// Results of float, and of bf16.
ROUNDED(nn, false, false, float, rounded)
ROUNDED(nt, false, true, float, rounded)
ROUNDED(tn, true, false, float, rounded)
ROUNDED(tt, true, true, float, rounded)
ROUNDED(nn, false, false, u16, bf16)
ROUNDED(nt, false, true, u16, bf16)
ROUNDED(tn, true, false, u16, bf16)
ROUNDED(tt, true, true, u16, bf16)

// Squares of 32 x 32 through shared memory, so that reads and writes are of whole lines; 256 threads.
template <class T>
DEVICE void transposeSquare(const T* in, T* out, i64 rows, i64 columns) {
  __shared__ T square[32][33];
  i64 across = (columns + 31) / 32;
  i64 firstRow = blockX() / across * 32;
  i64 firstColumn = blockX() % across * 32;
  i64 x = threadIndex() % 32;
  for (i64 y = threadIndex() / 32; y < 32; y += 8) {
    if (firstRow + y < rows && firstColumn + x < columns) square[y][x] = in[(firstRow + y) * columns + firstColumn + x];
  }
  barrier();
  for (i64 y = threadIndex() / 32; y < 32; y += 8) {
    if (firstColumn + y < columns && firstRow + x < rows) out[(firstColumn + y) * rows + firstRow + x] = square[x][y];
  }
}
KERNEL transpose_b16(const u16* in, u16* out, i64 rows, i64 columns) { transposeSquare(in, out, rows, columns); }
KERNEL transpose_b32(const u32* in, u32* out, i64 rows, i64 columns) { transposeSquare(in, out, rows, columns); }
KERNEL transpose_b64(const u64* in, u64* out, i64 rows, i64 columns) { transposeSquare(in, out, rows, columns); }
