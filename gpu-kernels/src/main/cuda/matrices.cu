// Matrix products and transposition: MatrixKernels of the backend. The CPU reference is JavaProduct.
//
// Ladder of c = alpha op(a) op(b) + beta c, row-major, each of a and b as it lies or transposed:
//   1 matmul: tiles of 64 x 64 x 16 in shared memory, 4 x 4 products a thread, fused multiply-adds in order: float32 and
//     float64, the same bits in every run. Few tiles and a long inner dim are cut into pieces (weight gradients).
//   2 matmul_bf16: float32 in memory, rounded to bf16 on the way to shared memory, tensor cores (mma.sync m16n8k16, sm_80
//     and later), float32 sums; tiles of 128 x 128 x 32, the next tile is on its way in registers while one is multiplied.
//   3 not written, it needs a GPU to be written against: wgmma with tensor maps for sm_90a.
#include "device.cuh"

#define TILE 64
#define DEPTH 16
#define PITCH (TILE + 4)

// a is [m, k]: element (i, l) lies at i aRow + l aColumn, one of which is 1; b [k, n] likewise. blockX counts tiles, row by
// row; blockY pieces of `depth` of k. With `partial` each piece is written there, else c = alpha sum + beta c.
template <class T>
DEVICE void multiplyTile(const T* a, i64 aRow, i64 aColumn, const T* b, i64 bRow, i64 bColumn, T* c, T* partial, int m, int n,
                         int k, int depth, T alpha, T beta) {
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
      if (partial) partial[(i64)blockY() * m * n + at] = alpha * sums[i][j];
      else c[at] = beta == 0 ? alpha * sums[i][j] : alpha * sums[i][j] + beta * c[at];
    }
  }
}
KERNEL matmul_f32(const float* a, i64 aRow, i64 aColumn, const float* b, i64 bRow, i64 bColumn, float* c, float* partial, int m, int n, int k, int depth, float alpha, float beta) {
  multiplyTile(a, aRow, aColumn, b, bRow, bColumn, c, partial, m, n, k, depth, alpha, beta);
}
KERNEL matmul_f64(const double* a, i64 aRow, i64 aColumn, const double* b, i64 bRow, i64 bColumn, double* c, double* partial, int m, int n, int k, int depth, double alpha, double beta) {
  multiplyTile(a, aRow, aColumn, b, bRow, bColumn, c, partial, m, n, k, depth, alpha, beta);
}

template <class T>
DEVICE void joinProducts(const T* partial, T* c, i64 n, int pieces, T beta) {
  EACH(i, n) {
    T sum = 0;
    for (int p = 0; p < pieces; p++) sum = sum + partial[p * n + i];
    c[i] = beta == 0 ? sum : sum + beta * c[i];
  }
}
KERNEL join_products_f32(const float* partial, float* c, i64 n, int pieces, float beta) { joinProducts(partial, c, n, pieces, beta); }
KERNEL join_products_f64(const double* partial, double* c, i64 n, int pieces, double beta) { joinProducts(partial, c, n, pieces, beta); }

#define WIDE 128
#define HALF_WORDS 16 // 32 of the inner dim, two bf16 a word
#define WORD_PITCH 20 // rows 20 words apart: the eight rows of a fragment lie in different banks

// Sixteen numbers of a tile [WIDE, 32] of an operand whose element (i, l) lies at i row + l column, as eight words of two.
DEVICE void fetch(const float* from, i64 row, i64 column, int first, int limit, int depth, int end, u32* words) {
  int thread = (int)threadIndex();
  UNROLL for (int s = 0; s < 8; s++) {
    int i = column == 1 ? thread / 16 + 16 * s : thread % WIDE;
    int word = column == 1 ? thread % 16 : thread / WIDE + 2 * s;
    int l = depth + 2 * word;
    const float* at = from + (first + i) * row + l * column;
    float low = first + i < limit && l < end ? at[0] : 0.0f;
    float high = first + i < limit && l + 1 < end ? at[column] : 0.0f;
    words[s] = packed(low, high);
  }
}
DEVICE void lay(u32 (*tile)[WORD_PITCH], bool rowsFollow, const u32* words) {
  int thread = (int)threadIndex();
  UNROLL for (int s = 0; s < 8; s++) {
    if (rowsFollow) tile[thread / 16 + 16 * s][thread % 16] = words[s];
    else tile[thread % WIDE][thread / WIDE + 2 * s] = words[s];
  }
}

KERNEL matmul_bf16(const float* a, i64 aRow, i64 aColumn, const float* b, i64 bRow, i64 bColumn, float* c, float* partial, int m, int n, int k, int depth, float alpha, float beta) {
  __shared__ u32 as[WIDE][WORD_PITCH];
  __shared__ u32 bs[WIDE][WORD_PITCH];
  int across = (n + WIDE - 1) / WIDE;
  int firstRow = (int)(blockX() / across) * WIDE;
  int firstColumn = (int)(blockX() % across) * WIDE;
  int warp = (int)threadIndex() / WARP;
  int lane = (int)threadIndex() % WARP;
  int group = lane / 4; // row of a fragment
  int place = lane % 4; // word of a fragment
  int warpRow = warp / 4 * 64;
  int warpColumn = warp % 4 * 32;
  int begin = (int)blockY() * depth;
  int end = least(k, begin + depth);
  float sums[4][4][4];
  UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) UNROLL for (int e = 0; e < 4; e++) sums[i][j][e] = 0;
  u32 aWords[8], bWords[8];
  fetch(a, aRow, aColumn, firstRow, m, begin, end, aWords);
  fetch(b, bColumn, bRow, firstColumn, n, begin, end, bWords);
  for (int first = begin; first < end; first += 32) {
    lay(as, aColumn == 1, aWords);
    lay(bs, bRow == 1, bWords);
    barrier();
    if (first + 32 < end) {
      fetch(a, aRow, aColumn, firstRow, m, first + 32, end, aWords);
      fetch(b, bColumn, bRow, firstColumn, n, first + 32, end, bWords);
    }
    UNROLL for (int half = 0; half < HALF_WORDS; half += 8) {
      u32 x[4][4], y[4][2];
      UNROLL for (int i = 0; i < 4; i++) {
        int row = warpRow + 16 * i + group;
        x[i][0] = as[row][half + place];
        x[i][1] = as[row + 8][half + place];
        x[i][2] = as[row][half + place + 4];
        x[i][3] = as[row + 8][half + place + 4];
      }
      UNROLL for (int j = 0; j < 4; j++) {
        y[j][0] = bs[warpColumn + 8 * j + group][half + place];
        y[j][1] = bs[warpColumn + 8 * j + group][half + place + 4];
      }
      UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) mma(sums[i][j], x[i], y[j]);
    }
    barrier();
  }
  UNROLL for (int i = 0; i < 4; i++) UNROLL for (int j = 0; j < 4; j++) UNROLL for (int e = 0; e < 4; e++) {
    int row = firstRow + warpRow + 16 * i + group + 8 * (e / 2);
    int column = firstColumn + warpColumn + 8 * j + 2 * place + e % 2;
    if (row < m && column < n) {
      i64 at = (i64)row * n + column;
      if (partial) partial[(i64)blockY() * m * n + at] = alpha * sums[i][j][e];
      else c[at] = beta == 0 ? alpha * sums[i][j][e] : alpha * sums[i][j][e] + beta * c[at];
    }
  }
}

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
