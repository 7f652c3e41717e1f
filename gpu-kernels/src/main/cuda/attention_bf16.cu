// Exact attention over packed sequences on tensor cores, forward and backward: bf16 in memory, or float32 rounded to bf16 on its
// way to shared memory; float32 sums and softmax. What and who writes where is as in attention.cu: no atomics, the same
// bits in every run. The reference is CpuAttention.
//
// A block owns 64 rows of one head of one sequence, four warps 16 rows each, and streams 32 or 64 others. Products are
// mma.sync m16n8k16 (sm_80 and later). Scores stay in registers: the layout of a result is that of a left factor, so softmax
// happens between the two products without memory.
// Ladder. 1 (this one). Not written, they need a GPU to be written against: cp.async from bf16 in memory while a tile is
// multiplied; 32 rows a warp, which halves the reads of shared memory; wgmma for long sequences on sm_90a.
#include "device.cuh"

#define TENSOR_ROWS 64
#define TENSOR_THREADS 128
#define LOG2_E 1.442695041f
#define LN_2 0.6931471806f

// Words of a row of W bf16: 4 modulo 8, so that eight rows of 16 bytes lie in different banks.
template <int W> struct Pitch { static constexpr int words = W / 2 + 4, bytes = 4 * words; };

DEVICE void layFour(const float* from, bool real, u32* to) {
  Four four = {0, 0, 0, 0};
  if (real) four = *(const Four*)from;
  to[0] = packed(four.x, four.y);
  to[1] = packed(four.z, four.w);
}
struct alignas(8) TwoWords { u32 x, y; };
DEVICE void layFour(const u16* from, bool real, u32* to) {
  TwoWords two = {0, 0};
  if (real) two = *(const TwoWords*)from;
  to[0] = two.x;
  to[1] = two.y;
}
DEVICE void storePair(float* to, float x, float y) {
  Two two = {x, y};
  *(Two*)to = two;
}
DEVICE void storePair(u16* to, float x, float y) { *(u32*)to = packed(x, y); }

// N rows of a head as bf16; what is past the end, or past the `dims` columns of the head, becomes 0. dims is a multiple of 4.
template <int W, int N, class S>
DEVICE void layTile(const S* tensor, int first, int end, i64 width, int head, int dims, u32* tile) {
  UNROLL_4 for (int at = (int)threadIndex(); at < N * (W / 4); at += TENSOR_THREADS) {
    int row = at / (W / 4);
    int column = at % (W / 4) * 4;
    bool real = first + row < end && column < dims;
    layFour(tensor + (first + row) * width + head * dims + column, real, tile + row * Pitch<W>::words + column / 2);
  }
}

// What a lane names of 16 rows at `tile`: for left factors and, transposed, right ones; and for right factors as they lie.
template <int W> DEVICE u32 leftRow(const u32* tile) {
  int lane = (int)threadIndex() % WARP;
  return sharedAddress(tile) + lane % 16 * Pitch<W>::bytes + lane / 16 * 16;
}
template <int W> DEVICE u32 rightRow(const u32* tile) {
  int lane = (int)threadIndex() % WARP;
  return sharedAddress(tile) + (lane % 8 + lane / 16 * 8) * Pitch<W>::bytes + lane / 8 % 2 * 16;
}

// sums [16, N] = 16 own rows times N streamed rows.
template <int W, int N>
DEVICE void rowProducts(u32 own, u32 streamed, float (*sums)[4]) {
  UNROLL for (int j = 0; j < N / 8; j++) UNROLL for (int e = 0; e < 4; e++) sums[j][e] = 0;
  UNROLL for (int d = 0; d < W / 16; d++) {
    u32 left[4];
    loadMatrices(left, own + 32 * d);
    UNROLL for (int j = 0; j < N / 16; j++) {
      u32 right[4];
      loadMatrices(right, streamed + 16 * j * Pitch<W>::bytes + 32 * d);
      mma(sums[2 * j], left, right);
      mma(sums[2 * j + 1], left, right + 2);
    }
  }
}

// sums [16, W] += weights [16, N] times N streamed rows.
template <int W, int N>
DEVICE void addWeighted(float (*weights)[4], u32 streamed, float (*sums)[4]) {
  UNROLL for (int j = 0; j < N / 16; j++) {
    u32 left[4] = {packed(weights[2 * j][0], weights[2 * j][1]), packed(weights[2 * j][2], weights[2 * j][3]),
                   packed(weights[2 * j + 1][0], weights[2 * j + 1][1]), packed(weights[2 * j + 1][2], weights[2 * j + 1][3])};
    UNROLL for (int d = 0; d < W / 16; d++) {
      u32 right[4];
      loadTransposed(right, streamed + 16 * j * Pitch<W>::bytes + 32 * d);
      mma(sums[2 * d], left, right);
      mma(sums[2 * d + 1], left, right + 2);
    }
  }
}

template <int W> DEVICE void clearSums(float (*sums)[4]) {
  UNROLL for (int d = 0; d < W / 8; d++) UNROLL for (int e = 0; e < 4; e++) sums[d][e] = 0;
}

// Rows `own` and own + 8 of a head, each times its factor.
template <int W, class S>
DEVICE void storeRows(float (*sums)[4], const float* factors, int own, int end, i64 width, int head, int dims, S* out) {
  int place = (int)threadIndex() % 4;
  UNROLL for (int half = 0; half < 2; half++) {
    if (own + 8 * half >= end) continue;
    S* row = out + (own + 8 * half) * width + head * dims;
    UNROLL for (int d = 0; d < W / 8; d++) {
      int column = 8 * d + 2 * place;
      if (column < dims) storePair(row + column, sums[d][2 * half] * factors[half], sums[d][2 * half + 1] * factors[half]);
    }
  }
}

// By what the weights of a query's keys `key` and key + 1 of its sequence are multiplied; key is even.
DEVICE void keptPair(const Dropping& drop, float factor, i64 firstDraw, int key, float* kept) {
  u32 draws[4];
  drawsAround(firstDraw + key, drop.key, draws);
  bool upper = key & 2;
  kept[0] = keeps(upper ? draws[2] : draws[0], drop.least) ? factor : 0.0f;
  kept[1] = keeps(upper ? draws[3] : draws[1], drop.least) ? factor : 0.0f;
}

// Shared memory: queries [64, W], keys and values [N, W].
template <int W, int N, class S>
DEVICE void tensorForward(const S* q, const S* k, const S* v, const int* offsets, int tiles, int heads, int dims,
                          int causal, float scale, Dropping drop, float factor, S* out, float* logSums) {
  DYNAMIC_SHARED(u32, shared);
  u32* queries = shared;
  u32* keys = queries + TENSOR_ROWS * Pitch<W>::words;
  u32* values = keys + N * Pitch<W>::words;
  int warp = (int)threadIndex() / WARP;
  int lane = (int)threadIndex() % WARP;
  Place place = placeOf(offsets, tiles, TENSOR_ROWS);
  if (place.first >= place.to) return;
  i64 width = (i64)heads * dims;
  layTile<W, TENSOR_ROWS>(q, place.first, place.to, width, place.head, dims, queries);
  int own = place.first + 16 * warp + lane / 4;
  int streamEnd = causal ? least(place.to, place.first + TENSOR_ROWS) : place.to;
  u32 ownRow = leftRow<W>(queries + 16 * warp * Pitch<W>::words);
  u32 keyRow = rightRow<W>(keys);
  u32 valueRow = leftRow<W>(values);
  float sums[W / 8][4];
  clearSums<W>(sums);
  float max[2] = {-INFINITE_F32, -INFINITE_F32}; // of scores times log2 e
  float total[2] = {0, 0};                       // of this lane's columns
  for (int first = place.from; first < streamEnd; first += N) {
    barrier();
    layTile<W, N>(k, first, place.to, width, place.head, dims, keys);
    layTile<W, N>(v, first, place.to, width, place.head, dims, values);
    barrier();
    float weights[N / 8][4];
    rowProducts<W, N>(ownRow, keyRow, weights);
    float newMax[2] = {max[0], max[1]};
    UNROLL for (int j = 0; j < N / 8; j++) UNROLL for (int e = 0; e < 4; e++) {
      int key = first + 8 * j + 2 * (lane % 4) + e % 2;
      bool seen = key < place.to && (!causal || key <= own + 8 * (e / 2));
      weights[j][e] = seen ? weights[j][e] * (scale * LOG2_E) : -INFINITE_F32;
      if (weights[j][e] > newMax[e / 2]) newMax[e / 2] = weights[j][e];
    }
    UNROLL for (int half = 0; half < 2; half++) {
      newMax[half] = greatest(newMax[half], shuffleXor(newMax[half], 1));
      newMax[half] = greatest(newMax[half], shuffleXor(newMax[half], 2));
      float shrink = powerOfTwo(max[half] - newMax[half]); // the first key is seen by all: never infinity from itself
      max[half] = newMax[half];
      total[half] = total[half] * shrink;
      UNROLL for (int d = 0; d < W / 8; d++) {
        sums[d][2 * half] = sums[d][2 * half] * shrink;
        sums[d][2 * half + 1] = sums[d][2 * half + 1] * shrink;
      }
    }
    UNROLL for (int j = 0; j < N / 8; j++) UNROLL for (int e = 0; e < 4; e++) {
      weights[j][e] = powerOfTwo(weights[j][e] - max[e / 2]);
      total[e / 2] = total[e / 2] + weights[j][e];
    }
    if (drop.rows) {
      UNROLL for (int half = 0; half < 2; half++) {
        i64 draws = own + 8 * half < place.to ? firstDraw(drop, own + 8 * half, heads, place.head) : 0;
        UNROLL for (int j = 0; j < N / 8; j++) {
          float kept[2];
          keptPair(drop, factor, draws, first - place.from + 8 * j + 2 * (lane % 4), kept);
          weights[j][2 * half] = weights[j][2 * half] * kept[0];
          weights[j][2 * half + 1] = weights[j][2 * half + 1] * kept[1];
        }
      }
    }
    addWeighted<W, N>(weights, valueRow, sums);
  }
  float factors[2];
  UNROLL for (int half = 0; half < 2; half++) {
    total[half] = total[half] + shuffleXor(total[half], 1);
    total[half] = total[half] + shuffleXor(total[half], 2);
    factors[half] = 1 / total[half];
    int row = own + 8 * half;
    if (lane % 4 == 0 && row < place.to) logSums[(i64)row * heads + place.head] = max[half] * LN_2 + logarithm(total[half]);
  }
  storeRows<W>(sums, factors, own, place.to, width, place.head, dims, out);
}

// Queries own. Shared memory: queries and dOut [64, W], keys and values [N, W].
template <int W, int N, class S>
DEVICE void tensorQueries(const S* q, const S* k, const S* v, const S* dOut, const float* logSums,
                          const float* rowDot, const int* offsets, int tiles, int heads, int dims, int causal, float scale,
                          Dropping drop, float factor, S* dQ) {
  DYNAMIC_SHARED(u32, shared);
  u32* queries = shared;
  u32* grads = queries + TENSOR_ROWS * Pitch<W>::words;
  u32* keys = grads + TENSOR_ROWS * Pitch<W>::words;
  u32* values = keys + N * Pitch<W>::words;
  int warp = (int)threadIndex() / WARP;
  int lane = (int)threadIndex() % WARP;
  Place place = placeOf(offsets, tiles, TENSOR_ROWS);
  if (place.first >= place.to) return;
  i64 width = (i64)heads * dims;
  layTile<W, TENSOR_ROWS>(q, place.first, place.to, width, place.head, dims, queries);
  layTile<W, TENSOR_ROWS>(dOut, place.first, place.to, width, place.head, dims, grads);
  int own = place.first + 16 * warp + lane / 4;
  int streamEnd = causal ? least(place.to, place.first + TENSOR_ROWS) : place.to;
  u32 queryRow = leftRow<W>(queries + 16 * warp * Pitch<W>::words);
  u32 gradRow = leftRow<W>(grads + 16 * warp * Pitch<W>::words);
  u32 keyRow = rightRow<W>(keys);
  u32 keyColumn = leftRow<W>(keys);
  u32 valueRow = rightRow<W>(values);
  float logSum[2], dot[2];
  UNROLL for (int half = 0; half < 2; half++) {
    bool real = own + 8 * half < place.to;
    i64 at = (i64)(own + 8 * half) * heads + place.head;
    logSum[half] = real ? logSums[at] * LOG2_E : 0.0f;
    dot[half] = real ? rowDot[at] : 0.0f;
  }
  float sums[W / 8][4];
  clearSums<W>(sums);
  for (int first = place.from; first < streamEnd; first += N) {
    barrier();
    layTile<W, N>(k, first, place.to, width, place.head, dims, keys);
    layTile<W, N>(v, first, place.to, width, place.head, dims, values);
    barrier();
    float scores[N / 8][4], dWeights[N / 8][4];
    rowProducts<W, N>(queryRow, keyRow, scores);
    rowProducts<W, N>(gradRow, valueRow, dWeights);
    UNROLL for (int half = 0; half < 2; half++) {
      int query = own + 8 * half;
      bool real = query < place.to;
      i64 draws = drop.rows && real ? firstDraw(drop, query, heads, place.head) : 0;
      UNROLL for (int j = 0; j < N / 8; j++) {
        int key = first + 8 * j + 2 * (lane % 4);
        float kept[2] = {1, 1};
        if (drop.rows) keptPair(drop, factor, draws, key - place.from, kept);
        UNROLL for (int e = 0; e < 2; e++) {
          bool seen = real && key + e < place.to && (!causal || key + e <= query);
          float p = powerOfTwo(scores[j][2 * half + e] * (scale * LOG2_E) - logSum[half]);
          float dScore = p * (dWeights[j][2 * half + e] * kept[e] - dot[half]);
          scores[j][2 * half + e] = seen ? dScore : 0.0f;
        }
      }
    }
    addWeighted<W, N>(scores, keyColumn, sums);
  }
  float factors[2] = {scale, scale};
  storeRows<W>(sums, factors, own, place.to, width, place.head, dims, dQ);
}

// Keys own. Shared memory: keys and values [64, W], queries and dOut [N, W], log sums and dots [N].
template <int W, int N, class S>
DEVICE void tensorKeys(const S* q, const S* k, const S* v, const S* dOut, const float* logSums,
                       const float* rowDot, const int* offsets, int tiles, int heads, int dims, int causal, float scale,
                       Dropping drop, float factor, S* dK, S* dV) {
  DYNAMIC_SHARED(u32, shared);
  u32* keys = shared;
  u32* values = keys + TENSOR_ROWS * Pitch<W>::words;
  u32* queries = values + TENSOR_ROWS * Pitch<W>::words;
  u32* grads = queries + N * Pitch<W>::words;
  float* ofQueries = (float*)(grads + N * Pitch<W>::words);
  int warp = (int)threadIndex() / WARP;
  int lane = (int)threadIndex() % WARP;
  Place place = placeOf(offsets, tiles, TENSOR_ROWS);
  if (place.first >= place.to) return;
  i64 width = (i64)heads * dims;
  layTile<W, TENSOR_ROWS>(k, place.first, place.to, width, place.head, dims, keys);
  layTile<W, TENSOR_ROWS>(v, place.first, place.to, width, place.head, dims, values);
  int own = place.first + 16 * warp + lane / 4;
  u32 keyRow = leftRow<W>(keys + 16 * warp * Pitch<W>::words);
  u32 valueRow = leftRow<W>(values + 16 * warp * Pitch<W>::words);
  u32 queryRow = rightRow<W>(queries);
  u32 queryColumn = leftRow<W>(queries);
  u32 gradRow = rightRow<W>(grads);
  u32 gradColumn = leftRow<W>(grads);
  float keySums[W / 8][4], valueSums[W / 8][4];
  clearSums<W>(keySums);
  clearSums<W>(valueSums);
  for (int first = causal ? place.first : place.from; first < place.to; first += N) {
    barrier();
    layTile<W, N>(q, first, place.to, width, place.head, dims, queries);
    layTile<W, N>(dOut, first, place.to, width, place.head, dims, grads);
    for (int at = (int)threadIndex(); at < 2 * N; at += TENSOR_THREADS) {
      int query = first + at % N;
      const float* from = at < N ? logSums : rowDot;
      ofQueries[at] = query < place.to ? from[(i64)query * heads + place.head] : 0.0f;
    }
    barrier();
    float weights[N / 8][4], dScores[N / 8][4];
    rowProducts<W, N>(keyRow, queryRow, weights);
    rowProducts<W, N>(valueRow, gradRow, dScores);
    UNROLL for (int j = 0; j < N / 8; j++) UNROLL for (int e = 0; e < 4; e++) {
      int at = 8 * j + 2 * (lane % 4) + e % 2;
      int query = first + at;
      int key = own + 8 * (e / 2);
      bool seen = query < place.to && key < place.to && (!causal || key <= query);
      float kept = 1;
      if (drop.rows && seen) {
        u32 draw = drawAt(firstDraw(drop, query, heads, place.head) + key - place.from, drop.key);
        kept = keeps(draw, drop.least) ? factor : 0.0f;
      }
      float p = powerOfTwo(weights[j][e] * (scale * LOG2_E) - ofQueries[at] * LOG2_E);
      float dScore = p * (dScores[j][e] * kept - ofQueries[N + at]);
      weights[j][e] = seen ? p * kept : 0.0f;
      dScores[j][e] = seen ? dScore : 0.0f;
    }
    addWeighted<W, N>(weights, gradColumn, valueSums);
    addWeighted<W, N>(dScores, queryColumn, keySums);
  }
  float scales[2] = {scale, scale};
  float ones[2] = {1, 1};
  storeRows<W>(keySums, scales, own, place.to, width, place.head, dims, dK);
  storeRows<W>(valueSums, ones, own, place.to, width, place.head, dims, dV);
}

// By the columns of a head, and how many rows are streamed at once.
#define TENSOR_ATTENTION(W, N, BACK, S, suffix)                                                                             \
  KERNEL attention_##W##_##suffix(const S* q, const S* k, const S* v, const int* offsets, int tiles, int heads,             \
                              int dims, int causal, float scale, const int* rows, u64 key, u64 least, float factor,         \
                              S* out, float* logSums) {                                                                     \
    tensorForward<W, N>(q, k, v, offsets, tiles, heads, dims, causal, scale, {rows, key, least}, factor, out, logSums);     \
  }                                                                                                                         \
  KERNEL attention_queries_##W##_##suffix(const S* q, const S* k, const S* v, const S* dOut,                                \
                                      const float* logSums, const float* rowDot, const int* offsets, int tiles, int heads,  \
                                      int dims, int causal, float scale, const int* rows, u64 key, u64 least, float factor, \
                                      S* dQ) {                                                                              \
    tensorQueries<W, BACK>(q, k, v, dOut, logSums, rowDot, offsets, tiles, heads, dims, causal, scale, {rows, key, least},  \
                           factor, dQ);                                                                                     \
  }                                                                                                                         \
  KERNEL attention_keys_##W##_##suffix(const S* q, const S* k, const S* v, const S* dOut, const float* logSums,             \
                                   const float* rowDot, const int* offsets, int tiles, int heads, int dims, int causal,     \
                                   float scale, const int* rows, u64 key, u64 least, float factor, S* dK, S* dV) {          \
    tensorKeys<W, BACK>(q, k, v, dOut, logSums, rowDot, offsets, tiles, heads, dims, causal, scale, {rows, key, least},     \
                        factor, dK, dV);                                                                                    \
  }
// Tensors of float, rounded on the way, and of bf16.
TENSOR_ATTENTION(32, 64, 64, float, rounded)
TENSOR_ATTENTION(64, 64, 32, float, rounded)
TENSOR_ATTENTION(128, 64, 32, float, rounded)
TENSOR_ATTENTION(32, 64, 64, u16, bf16)
TENSOR_ATTENTION(64, 64, 32, u16, bf16)
TENSOR_ATTENTION(128, 64, 32, u16, bf16)
