// The best columns of rows that stream by: SearchKernels of the backend. The reference is CpuSearch.
//
// A score and its ordinal are one number of 64 bits that is greater where the score is, or at equal scores the ordinal is
// smaller: so all numbers differ, and the order of equal scores is the same in every run. A block has a row: each thread looks
// at four columns, those above the worst kept one are laid behind the kept ones by a prefix sum, and when there is no room
// for another 1,024 all are sorted (bitonic, in shared memory) and the best stay.
// Ladder. 1 (this one): a row of scores is read once, and sorted when it has to be. Not written, it needs a GPU to be written
// against: the comparison in the epilogue of the product, so that scores never reach memory.
#include "device.cuh"

#define SEARCH_THREADS 256
#define COLUMNS_EACH 4
#define COLUMNS_AT_ONCE (SEARCH_THREADS * COLUMNS_EACH)

DEVICE u64 rankOf(float score, int ordinal) {
  u32 bits = bitsOf(score + 0.0f); // -0 and 0 are equal
  u32 rising = bits >> 31 ? ~bits : bits | 0x80000000u;
  return (u64)rising << 32 | ~(u32)ordinal;
}
DEVICE float scoreOf(u64 rank) {
  u32 rising = (u32)(rank >> 32);
  return floatOf(rising >> 31 ? rising & 0x7FFFFFFFu : ~rising);
}

// Greatest first; places up to the next power of two become 0. Begins and ends with a barrier.
DEVICE void sortDown(u64* ranks, int count) {
  int size = 2;
  while (size < count) size *= 2;
  for (int i = count + (int)threadIndex(); i < size; i += SEARCH_THREADS) ranks[i] = 0;
  barrier();
  for (int length = 2; length <= size; length *= 2) {
    for (int gap = length / 2; gap > 0; gap /= 2) {
      for (int pair = (int)threadIndex(); pair < size / 2; pair += SEARCH_THREADS) {
        int i = 2 * pair - (pair & (gap - 1));
        u64 one = ranks[i];
        u64 other = ranks[i + gap];
        if ((one < other) == ((i & length) == 0)) {
          ranks[i] = other;
          ranks[i + gap] = one;
        }
      }
      barrier();
    }
  }
}

// scores [B, width] of which the first `columns` count, ordinals from `first` on; best and ordinals [B, k], best first, are kept
// up to date. Shared memory: `room` ranks, a power of two of at least k + 1,024.
KERNEL keep_best(const float* scores, i64 width, int columns, int first, float* best, int* ordinals, int k, int room) {
  DYNAMIC_SHARED(u64, ranks);
  __shared__ int totals[2][SEARCH_THREADS / WARP];
  const float* row = scores + blockX() * width;
  best += (i64)blockX() * k;
  ordinals += (i64)blockX() * k;
  int lane = (int)threadIndex() % WARP;
  int warp = (int)threadIndex() / WARP;
  for (int i = (int)threadIndex(); i < k; i += SEARCH_THREADS) ranks[i] = rankOf(best[i], ordinals[i]);
  float worst = best[k - 1];
  int held = k;
  for (int start = 0, turn = 0; start < columns; start += COLUMNS_AT_ONCE, turn ^= 1) {
    float mine[COLUMNS_EACH];
    int count = 0;
    UNROLL for (int c = 0; c < COLUMNS_EACH; c++) {
      int column = start + c * SEARCH_THREADS + (int)threadIndex();
      mine[c] = column < columns ? row[column] : -INFINITE_F32;
      if (mine[c] > worst) count++;
    }
    int upTo = count; // of this lane and those before it
    for (int distance = 1; distance < WARP; distance *= 2) {
      int before = (int)shuffleFrom((u32)upTo, (lane - distance) & (WARP - 1));
      if (lane >= distance) upTo += before;
    }
    if (lane == WARP - 1) totals[turn][warp] = upTo;
    barrier();
    int all = 0;
    int before = upTo - count;
    for (int w = 0; w < SEARCH_THREADS / WARP; w++) {
      if (w < warp) before += totals[turn][w];
      all += totals[turn][w];
    }
    if (all == 0) continue; // the whole block
    float passed = worst;
    if (held + all > room) {
      sortDown(ranks, held);
      held = k;
      worst = scoreOf(ranks[k - 1]);
    }
    UNROLL for (int c = 0; c < COLUMNS_EACH; c++) {
      if (mine[c] > passed) ranks[held + before++] = rankOf(mine[c], first + start + c * SEARCH_THREADS + (int)threadIndex());
    }
    held += all;
  }
  if (held == k) return; // nothing better
  sortDown(ranks, held);
  for (int i = (int)threadIndex(); i < k; i += SEARCH_THREADS) {
    best[i] = scoreOf(ranks[i]);
    ordinals[i] = (int)~(u32)ranks[i];
  }
}
