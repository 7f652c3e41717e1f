// Exact attention over packed sequences, forward and backward: SequenceKernels of the backend. The reference: CpuAttention.
//
// A block owns 32 rows of one head of one sequence, eight warps four rows each, and streams tiles of 32 others through
// shared memory: queries own and keys stream for the results and dQ, keys own and queries stream for dK and dV. So no
// two blocks write to the same place: no atomics, the same bits in every run. A lane multiplies one streamed row with four
// owners at a time, then lanes are columns of the head.
// Ladder. 1 (this one): float32 and float64 by fused multiply-adds. 2: attention_bf16.cu, on tensor cores. At length 128
// attention is 3 % of the work of BERT-base and 5 % of MiniLM-L6's.
#include "device.cuh"

#define OWNERS 32
#define STREAM 32
#define WARPS 8
#define EACH_OWNS 4

// 32 rows [from, to) of a head's `dims` columns; what is past the end becomes 0.
template <class T>
DEVICE void load(const T* tensor, int first, int end, i64 width, int head, int dims, T* tile, int pitch) {
  for (int at = (int)threadIndex(); at < OWNERS * dims; at += WARPS * WARP) {
    int row = at / dims;
    int column = at - row * dims;
    tile[row * pitch + column] = first + row < end ? tensor[(first + row) * width + head * dims + column] : (T)0;
  }
}

// By what the weight of a key is multiplied for a query: see AttentionDropout.
template <class T>
DEVICE T kept(const Dropping& drop, T factor, int query, int heads, int head, int key) {
  if (!drop.rows) return 1;
  return keeps(drawAt(firstDraw(drop, query, heads, head) + key, drop.key), drop.least) ? factor : (T)0;
}

// sums[r] = dot of owner row r of this warp and the streamed row of this lane.
template <class T>
DEVICE void dots(const T* owners, const T* streamed, int dims, int pitch, T* sums) {
  UNROLL for (int r = 0; r < EACH_OWNS; r++) sums[r] = 0;
  UNROLL_4 for (int d = 0; d < dims; d++) {
    T y = streamed[d];
    UNROLL for (int r = 0; r < EACH_OWNS; r++) sums[r] = fused(owners[r * dims + d], y, sums[r]);
  }
}

// sums[r][c] += sum over the tile's rows of weight[row][r] * tile[row][lane + 32 c].
template <class T, int C>
DEVICE void accumulate(const T* weights, const T* tile, int count, int dims, int pitch, T (*sums)[C]) {
  int lane = (int)threadIndex() % WARP;
  UNROLL_4 for (int j = 0; j < count; j++) {
    T w[EACH_OWNS];
    UNROLL for (int r = 0; r < EACH_OWNS; r++) w[r] = weights[j * EACH_OWNS + r];
    UNROLL for (int c = 0; c < C; c++) {
      T y = lane + WARP * c < dims ? tile[j * pitch + lane + WARP * c] : (T)0;
      UNROLL for (int r = 0; r < EACH_OWNS; r++) sums[r][c] = fused(w[r], y, sums[r][c]);
    }
  }
}

template <class T, int C>
DEVICE void clear(T (*sums)[C]) {
  UNROLL for (int r = 0; r < EACH_OWNS; r++) UNROLL for (int c = 0; c < C; c++) sums[r][c] = 0;
}

template <class T, int C>
DEVICE void store(T (*sums)[C], const T* factors, int first, int end, i64 width, int head, int dims, T* out) {
  int lane = (int)threadIndex() % WARP;
  UNROLL for (int r = 0; r < EACH_OWNS; r++) UNROLL for (int c = 0; c < C; c++) {
    if (first + r < end && lane + WARP * c < dims) {
      out[(first + r) * width + head * dims + lane + WARP * c] = sums[r][c] * factors[r];
    }
  }
}

// Shared memory: owners [32, dims], keys and values [32, dims + 1], weights [8, 32, 4].
template <class T, int C>
DEVICE void forward(const T* q, const T* k, const T* v, const int* offsets, int tiles, int heads, int dims, int causal, T scale,
                    Dropping drop, T factor, T* out, T* logSums) {
  DYNAMIC_SHARED(T, shared);
  int pitch = dims + 1;
  T* owners = shared;
  T* keys = owners + OWNERS * dims;
  T* values = keys + STREAM * pitch;
  int warp = (int)threadIndex() / WARP;
  int lane = (int)threadIndex() % WARP;
  T* weights = values + STREAM * pitch + warp * STREAM * EACH_OWNS;
  Place place = placeOf(offsets, tiles, OWNERS);
  if (place.first >= place.to) return;
  i64 width = (i64)heads * dims;
  load(q, place.first, place.to, width, place.head, dims, owners, dims);
  int own = place.first + warp * EACH_OWNS;
  int streamEnd = causal ? least(place.to, place.first + OWNERS) : place.to;
  T sums[EACH_OWNS][C], max[EACH_OWNS], total[EACH_OWNS];
  clear(sums);
  UNROLL for (int r = 0; r < EACH_OWNS; r++) {
    max[r] = -(T)INFINITE_F32;
    total[r] = 0;
  }
  for (int first = place.from; first < streamEnd; first += STREAM) {
    barrier();
    load(k, first, place.to, width, place.head, dims, keys, pitch);
    load(v, first, place.to, width, place.head, dims, values, pitch);
    barrier();
    T scores[EACH_OWNS];
    dots(owners + warp * EACH_OWNS * dims, keys + lane * pitch, dims, pitch, scores);
    int key = first + lane;
    UNROLL for (int r = 0; r < EACH_OWNS; r++) {
      bool seen = key < place.to && own + r < place.to && (!causal || key <= own + r);
      T score = seen ? scores[r] * scale : -(T)INFINITE_F32;
      T newMax = greatest(max[r], warpMax(score));
      bool any = newMax != -(T)INFINITE_F32;
      T p = seen ? exponential(score - newMax) : (T)0;
      T shrink = any ? exponential(max[r] - newMax) : (T)1;
      total[r] = total[r] * shrink + warpSum(p);
      UNROLL for (int c = 0; c < C; c++) sums[r][c] = sums[r][c] * shrink;
      max[r] = newMax;
      weights[lane * EACH_OWNS + r] = seen ? p * kept(drop, factor, own + r, heads, place.head, key - place.from) : (T)0;
    }
    warpBarrier();
    accumulate<T, C>(weights, values, STREAM, dims, pitch, sums);
    warpBarrier();
  }
  T factors[EACH_OWNS];
  UNROLL for (int r = 0; r < EACH_OWNS; r++) {
    factors[r] = 1 / total[r];
    if (lane == 0 && own + r < place.to) logSums[(i64)(own + r) * heads + place.head] = max[r] + logarithm(total[r]);
  }
  store<T, C>(sums, factors, own, place.to, width, place.head, dims, out);
}

// dots [T, H]: rows of out times rows of dOut, one warp each; dOut as the other kernels multiply it.
template <bool rounds, class T>
DEVICE void rowDots(const T* out, const T* dOut, decltype(loaded(T()))* result, i64 n, int dims) {
  i64 at = (i64)blockX() * (threadCount() / WARP) + threadIndex() / WARP;
  if (at >= n) return; // the whole warp
  double dot = 0;
  for (int d = (int)threadIndex() % WARP; d < dims; d += WARP) {
    decltype(loaded(T())) gradient = loaded(dOut[at * dims + d]);
    if (rounds) gradient = floatOfBf16(bf16Of((float)gradient));
    dot += (double)loaded(out[at * dims + d]) * gradient;
  }
  dot = warpSum(dot);
  if (threadIndex() % WARP == 0) put(result + at, (decltype(loaded(T())))dot);
}
KERNEL attention_dots_f32(const float* out, const float* dOut, float* result, i64 n, int dims) { rowDots<false>(out, dOut, result, n, dims); }
KERNEL attention_dots_f64(const double* out, const double* dOut, double* result, i64 n, int dims) { rowDots<false>(out, dOut, result, n, dims); }
KERNEL attention_dots_bf16(const u16* out, const u16* dOut, float* result, i64 n, int dims) { rowDots<false>(out, dOut, result, n, dims); }
KERNEL attention_dots_rounded(const float* out, const float* dOut, float* result, i64 n, int dims) { rowDots<true>(out, dOut, result, n, dims); }

// Queries own. Shared memory: queries and dOut [32, dims], keys and values [32, dims + 1], weights [8, 32, 4].
template <class T, int C>
DEVICE void backwardQueries(const T* q, const T* k, const T* v, const T* dOut, const T* logSums, const T* rowDot, const int* offsets,
                            int tiles, int heads, int dims, int causal, T scale, Dropping drop, T factor, T* dQ) {
  DYNAMIC_SHARED(T, shared);
  int pitch = dims + 1;
  T* queries = shared;
  T* grads = queries + OWNERS * dims;
  T* keys = grads + OWNERS * dims;
  T* values = keys + STREAM * pitch;
  int warp = (int)threadIndex() / WARP;
  int lane = (int)threadIndex() % WARP;
  T* weights = values + STREAM * pitch + warp * STREAM * EACH_OWNS;
  Place place = placeOf(offsets, tiles, OWNERS);
  if (place.first >= place.to) return;
  i64 width = (i64)heads * dims;
  load(q, place.first, place.to, width, place.head, dims, queries, dims);
  load(dOut, place.first, place.to, width, place.head, dims, grads, dims);
  int own = place.first + warp * EACH_OWNS;
  int streamEnd = causal ? least(place.to, place.first + OWNERS) : place.to;
  T sums[EACH_OWNS][C];
  clear(sums);
  for (int first = place.from; first < streamEnd; first += STREAM) {
    barrier();
    load(k, first, place.to, width, place.head, dims, keys, pitch);
    load(v, first, place.to, width, place.head, dims, values, pitch);
    barrier();
    T scores[EACH_OWNS], dWeights[EACH_OWNS];
    dots(queries + warp * EACH_OWNS * dims, keys + lane * pitch, dims, pitch, scores);
    dots(grads + warp * EACH_OWNS * dims, values + lane * pitch, dims, pitch, dWeights);
    int key = first + lane;
    UNROLL for (int r = 0; r < EACH_OWNS; r++) {
      bool seen = key < place.to && own + r < place.to && (!causal || key <= own + r);
      T dScore = 0;
      if (seen) {
        i64 at = (i64)(own + r) * heads + place.head;
        T p = exponential(scores[r] * scale - logSums[at]);
        dScore = p * (dWeights[r] * kept(drop, factor, own + r, heads, place.head, key - place.from) - rowDot[at]);
      }
      weights[lane * EACH_OWNS + r] = dScore;
    }
    warpBarrier();
    accumulate<T, C>(weights, keys, STREAM, dims, pitch, sums);
    warpBarrier();
  }
  T factors[EACH_OWNS] = {scale, scale, scale, scale};
  store<T, C>(sums, factors, own, place.to, width, place.head, dims, dQ);
}

// Keys own. Shared memory: keys and values [32, dims], queries and dOut [32, dims + 1], two weights [8, 32, 4].
template <class T, int C>
DEVICE void backwardKeys(const T* q, const T* k, const T* v, const T* dOut, const T* logSums, const T* rowDot, const int* offsets,
                         int tiles, int heads, int dims, int causal, T scale, Dropping drop, T factor, T* dK, T* dV) {
  DYNAMIC_SHARED(T, shared);
  int pitch = dims + 1;
  T* keys = shared;
  T* values = keys + OWNERS * dims;
  T* queries = values + OWNERS * dims;
  T* grads = queries + STREAM * pitch;
  int warp = (int)threadIndex() / WARP;
  int lane = (int)threadIndex() % WARP;
  T* ofScores = grads + STREAM * pitch + warp * STREAM * EACH_OWNS;
  T* ofValues = ofScores + WARPS * STREAM * EACH_OWNS;
  Place place = placeOf(offsets, tiles, OWNERS);
  if (place.first >= place.to) return;
  i64 width = (i64)heads * dims;
  load(k, place.first, place.to, width, place.head, dims, keys, dims);
  load(v, place.first, place.to, width, place.head, dims, values, dims);
  int own = place.first + warp * EACH_OWNS;
  T keySums[EACH_OWNS][C], valueSums[EACH_OWNS][C];
  clear(keySums);
  clear(valueSums);
  for (int first = causal ? place.first : place.from; first < place.to; first += STREAM) {
    barrier();
    load(q, first, place.to, width, place.head, dims, queries, pitch);
    load(dOut, first, place.to, width, place.head, dims, grads, pitch);
    barrier();
    T scores[EACH_OWNS], dWeights[EACH_OWNS];
    dots(keys + warp * EACH_OWNS * dims, queries + lane * pitch, dims, pitch, scores);
    dots(values + warp * EACH_OWNS * dims, grads + lane * pitch, dims, pitch, dWeights);
    int query = first + lane;
    UNROLL for (int r = 0; r < EACH_OWNS; r++) {
      bool seen = query < place.to && own + r < place.to && (!causal || own + r <= query);
      T dScore = 0;
      T weight = 0;
      if (seen) {
        i64 at = (i64)query * heads + place.head;
        T p = exponential(scores[r] * scale - logSums[at]);
        T keep = kept(drop, factor, query, heads, place.head, own + r - place.from);
        weight = p * keep;
        dScore = p * (dWeights[r] * keep - rowDot[at]);
      }
      ofScores[lane * EACH_OWNS + r] = dScore;
      ofValues[lane * EACH_OWNS + r] = weight;
    }
    warpBarrier();
    accumulate<T, C>(ofScores, queries, STREAM, dims, pitch, keySums);
    accumulate<T, C>(ofValues, grads, STREAM, dims, pitch, valueSums);
    warpBarrier();
  }
  T scales[EACH_OWNS] = {scale, scale, scale, scale};
  T ones[EACH_OWNS] = {1, 1, 1, 1};
  store<T, C>(keySums, scales, own, place.to, width, place.head, dims, dK);
  store<T, C>(valueSums, ones, own, place.to, width, place.head, dims, dV);
}

// Heads of up to 32, 64, 128 and 256 columns.
#define ATTENTION(T, suffix, widest)                                                                                     \
  KERNEL attention_##widest##_##suffix(const T* q, const T* k, const T* v, const int* offsets, int tiles, int heads,     \
                                       int dims, int causal, T scale, const int* rows, u64 key, u64 least, T factor,     \
                                       T* out, T* logSums) {                                                             \
    forward<T, widest / WARP>(q, k, v, offsets, tiles, heads, dims, causal, scale, {rows, key, least}, factor, out,      \
                              logSums);                                                                                  \
  }                                                                                                                      \
  KERNEL attention_queries_##widest##_##suffix(const T* q, const T* k, const T* v, const T* dOut, const T* logSums,      \
                                               const T* rowDot, const int* offsets, int tiles, int heads, int dims,      \
                                               int causal, T scale, const int* rows, u64 key, u64 least, T factor,       \
                                               T* dQ) {                                                                  \
    backwardQueries<T, widest / WARP>(q, k, v, dOut, logSums, rowDot, offsets, tiles, heads, dims, causal, scale,        \
                                      {rows, key, least}, factor, dQ);                                                   \
  }                                                                                                                      \
  KERNEL attention_keys_##widest##_##suffix(const T* q, const T* k, const T* v, const T* dOut, const T* logSums,         \
                                            const T* rowDot, const int* offsets, int tiles, int heads, int dims,         \
                                            int causal, T scale, const int* rows, u64 key, u64 least, T factor, T* dK,   \
                                            T* dV) {                                                                     \
    backwardKeys<T, widest / WARP>(q, k, v, dOut, logSums, rowDot, offsets, tiles, heads, dims, causal, scale,           \
                                   {rows, key, least}, factor, dK, dV);                                                  \
  }
ATTENTION(float, f32, 32)
ATTENTION(float, f32, 64)
ATTENTION(float, f32, 128)
ATTENTION(float, f32, 256)
ATTENTION(double, f64, 32)
ATTENTION(double, f64, 64)
ATTENTION(double, f64, 128)
