// What all kernels share. One source serves nvcc, clang and NVRTC, and, as plain C++, the tests that run kernels on the
// CPU: it includes nothing, and what a compiler's headers would bring stands here as PTX.
//
// Rules of the house. Products that should be fused say fused; nothing else is (the compilers get -fmad=false), so the same
// inputs give the same bits from every compiler. No atomics on numbers: sums go over in a fixed order, so the same inputs
// give the same bits in every run. Sums that the contract wants in double precision are.
#pragma once

typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;
typedef unsigned short u16;

#define KERNEL extern "C" __global__ void
#define WARP 32
#define INFINITE_F32 floatOf(0x7F800000u)

#if defined(BATCHWRIGHT_EMULATION)

// emulation.h, included before, has threads, barriers and exchanges of a warp as plain C++.

#else

#if defined(__clang__)
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define DEVICE static __attribute__((device)) inline __attribute__((always_inline))
#else
#define DEVICE static __device__ __forceinline__
#endif

#define UNROLL _Pragma("unroll")
#define UNROLL_1 _Pragma("unroll 1")
#define UNROLL_4 _Pragma("unroll 4")
#define DYNAMIC_SHARED(T, name)                                              \
  extern __shared__ __attribute__((aligned(16))) unsigned char sharedBytes[]; \
  T* name = (T*)sharedBytes

DEVICE u32 threadIndex() { u32 v; asm("mov.u32 %0, %%tid.x;" : "=r"(v)); return v; }
DEVICE u32 threadCount() { u32 v; asm("mov.u32 %0, %%ntid.x;" : "=r"(v)); return v; }
DEVICE u32 blockX() { u32 v; asm("mov.u32 %0, %%ctaid.x;" : "=r"(v)); return v; }
DEVICE u32 blockY() { u32 v; asm("mov.u32 %0, %%ctaid.y;" : "=r"(v)); return v; }
DEVICE u32 blocksX() { u32 v; asm("mov.u32 %0, %%nctaid.x;" : "=r"(v)); return v; }
DEVICE void barrier() { asm volatile("bar.sync 0;" ::: "memory"); }
DEVICE void warpBarrier() { asm volatile("bar.warp.sync 0xffffffff;" ::: "memory"); }

DEVICE u32 shuffleXor(u32 v, int mask) {
  u32 o;
  asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 31, 0xffffffff;" : "=r"(o) : "r"(v), "r"(mask));
  return o;
}

DEVICE u32 shuffleFrom(u32 v, int lane) {
  u32 o;
  asm volatile("shfl.sync.idx.b32 %0, %1, %2, 31, 0xffffffff;" : "=r"(o) : "r"(v), "r"(lane));
  return o;
}

DEVICE u32 bitsOf(float x) { u32 v; asm("mov.b32 %0, %1;" : "=r"(v) : "f"(x)); return v; }
DEVICE float floatOf(u32 x) { float v; asm("mov.b32 %0, %1;" : "=f"(v) : "r"(x)); return v; }
DEVICE u64 bitsOf(double x) { u64 v; asm("mov.b64 %0, %1;" : "=l"(v) : "d"(x)); return v; }
DEVICE double doubleOf(u64 x) { double v; asm("mov.b64 %0, %1;" : "=d"(v) : "l"(x)); return v; }
DEVICE float fused(float a, float b, float c) { float v; asm("fma.rn.f32 %0, %1, %2, %3;" : "=f"(v) : "f"(a), "f"(b), "f"(c)); return v; }
DEVICE double fused(double a, double b, double c) { double v; asm("fma.rn.f64 %0, %1, %2, %3;" : "=d"(v) : "d"(a), "d"(b), "d"(c)); return v; }
DEVICE float root(float x) { float v; asm("sqrt.rn.f32 %0, %1;" : "=f"(v) : "f"(x)); return v; }
DEVICE double root(double x) { double v; asm("sqrt.rn.f64 %0, %1;" : "=d"(v) : "d"(x)); return v; }

// Two floats to the nearest bf16, ties to even, in one word.
DEVICE u32 packed(float low, float high) { u32 v; asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(v) : "f"(high), "f"(low)); return v; }
// 2^x within 2e-7 relative, 0 where that is below the least normal float.
DEVICE float powerOfTwo(float x) { float v; asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(v) : "f"(x)); return v; }

// Where something lies in shared memory.
DEVICE u32 sharedAddress(const void* p) {
  u32 v;
  asm("{ .reg .u64 s; cvta.to.shared.u64 s, %1; cvt.u32.u64 %0, s; }" : "=r"(v) : "l"(p));
  return v;
}
// Four matrices of 8 x 8 bf16: lane l names row l % 8 of matrix l / 8, 16 bytes of shared memory, and gets of each matrix row
// lane / 4, columns 2 (lane % 4) and the next; transposed: column lane / 4 of those two rows.
DEVICE void loadMatrices(u32* words, u32 row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3]) : "r"(row) : "memory");
}
DEVICE void loadTransposed(u32* words, u32 row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3]) : "r"(row) : "memory");
}

// 16 bytes from global to shared memory beside what follows, both aligned to 16; the last 16 - bytes become 0. A thread's
// copies up to a commit are a group; it waits until at most so many of its groups are on their way.
DEVICE void copyAsync(u32 to, const void* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" :: "r"(to), "l"(from), "r"(bytes) : "memory");
}
DEVICE void commitAsync() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int N> DEVICE void awaitAsync() { asm volatile("cp.async.wait_group %0;" :: "n"(N) : "memory"); }

// d += a b for one warp: a 16 x 16, b 16 x 8, in bf16; d in float. Fragments as in the PTX manual, "mma.m16n8k16".
DEVICE void mma(float* d, const u32* a, const u32* b) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

#endif

DEVICE float shuffleXor(float v, int mask) { return floatOf(shuffleXor(bitsOf(v), mask)); }
DEVICE double shuffleXor(double v, int mask) {
  u64 bits = bitsOf(v);
  u32 low = shuffleXor((u32)bits, mask);
  u32 high = shuffleXor((u32)(bits >> 32), mask);
  return doubleOf((u64)high << 32 | low);
}
DEVICE float shuffleFrom(float v, int lane) { return floatOf(shuffleFrom(bitsOf(v), lane)); }
DEVICE double shuffleFrom(double v, int lane) {
  u64 bits = bitsOf(v);
  u32 low = shuffleFrom((u32)bits, lane);
  u32 high = shuffleFrom((u32)(bits >> 32), lane);
  return doubleOf((u64)high << 32 | low);
}

// Every element i below n once, whatever the number of threads.
#define EACH(i, n) \
  for (i64 i = (i64)blockX() * threadCount() + threadIndex(); i < (n); i += (i64)blocksX() * threadCount())

struct alignas(16) Four { float x, y, z, w; };
struct alignas(16) Words { u32 words[4]; };
struct alignas(8) Two { float x, y; };

template <class T> DEVICE T least(T a, T b) { return a < b ? a : b; }
// The greater of two; NaN if one is.
template <class T> DEVICE T greatest(T a, T b) { return a != a ? a : b != b ? b : a > b ? a : b; }
template <class T> DEVICE T within(T low, T high, T x) { return x != x ? x : x < low ? low : x > high ? high : x; }

template <class T> DEVICE T warpSum(T v) {
  for (int mask = 16; mask > 0; mask >>= 1) v = v + shuffleXor(v, mask);
  return v;
}

template <class T> DEVICE T warpMax(T v) {
  for (int mask = 16; mask > 0; mask >>= 1) v = greatest(v, shuffleXor(v, mask));
  return v;
}

// The sum over a block of whole warps, in every thread; `exchange` holds one number a warp.
template <class T> DEVICE T blockSum(T v, T* exchange) {
  v = warpSum(v);
  if (threadCount() == WARP) return v;
  barrier();
  if (threadIndex() % WARP == 0) exchange[threadIndex() / WARP] = v;
  barrier();
  T sum = 0;
  for (u32 w = 0; w < threadCount() / WARP; w++) sum = sum + exchange[w];
  return sum;
}

template <class T> DEVICE T blockMax(T v, T* exchange) {
  v = warpMax(v);
  if (threadCount() == WARP) return v;
  barrier();
  if (threadIndex() % WARP == 0) exchange[threadIndex() / WARP] = v;
  barrier();
  T max = exchange[0];
  for (u32 w = 1; w < threadCount() / WARP; w++) max = greatest(max, exchange[w]);
  return max;
}

// To the nearest bf16, ties to even; NaN stays NaN.
DEVICE u16 bf16Of(float x) {
  u32 bits = bitsOf(x);
  if (x != x) return (u16)(bits >> 16 | 0x40);
  return (u16)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}
DEVICE float floatOfBf16(u16 x) { return floatOf((u32)x << 16); }

// Numbers as they are stored: u16 is bf16, which is computed in float.
DEVICE float loaded(u16 x) { return floatOfBf16(x); }
DEVICE float loaded(float x) { return x; }
DEVICE double loaded(double x) { return x; }
DEVICE void put(u16* to, float x) { *to = bf16Of(x); }
DEVICE void put(float* to, float x) { *to = x; }
DEVICE void put(double* to, double x) { *to = x; }
// What is left of a number that is stored there.
DEVICE float asStored(const u16*, float x) { return floatOfBf16(bf16Of(x)); }
DEVICE float asStored(const float*, float x) { return x; }
DEVICE double asStored(const double*, double x) { return x; }

// e^x: n ln 2 + r, a polynomial in r, times 2^n in two factors. F32 within 2e-7, as FloatMath of the CPU backend.
DEVICE float exponential(float in) {
  float x = within(-105.0f, 89.0f, in);
  float shifted = x * 1.442695041f + 12582912.0f;
  float n = shifted - 12582912.0f;
  float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.381453988e-3f;
  p = p * r + 8.368745127e-3f;
  p = p * r + 4.166839079e-2f;
  p = p * r + 1.666652040e-1f;
  p = p * r + 4.999999343e-1f;
  float rest = (p * r * r + r) + 1.0f;
  int power = (int)bitsOf(shifted) - 0x4B400000;
  int half = power >> 1;
  return rest * floatOf((u32)(power - half + 127) << 23) * floatOf((u32)(half + 127) << 23);
}

DEVICE double exponential(double in) {
  double x = within(-746.0, 710.0, in);
  double shifted = x * 1.4426950408889634 + 6755399441055744.0;
  double n = shifted - 6755399441055744.0;
  double r = fused(n, -1.90821492927058770002e-10, fused(n, -6.93147180369123816490e-01, x));
  double p = 1.0 / 6227020800.0; // Taylor: r^14 / 14! is below 5e-18
  p = fused(p, r, 1.0 / 479001600.0);
  p = fused(p, r, 1.0 / 39916800.0);
  p = fused(p, r, 1.0 / 3628800.0);
  p = fused(p, r, 1.0 / 362880.0);
  p = fused(p, r, 1.0 / 40320.0);
  p = fused(p, r, 1.0 / 5040.0);
  p = fused(p, r, 1.0 / 720.0);
  p = fused(p, r, 1.0 / 120.0);
  p = fused(p, r, 1.0 / 24.0);
  p = fused(p, r, 1.0 / 6.0);
  p = fused(p, r, 0.5);
  double rest = fused(p * r, r, r) + 1.0;
  int power = x != x ? 0 : (int)n;
  int half = power >> 1;
  return rest * doubleOf((u64)(power - half + 1023) << 52) * doubleOf((u64)(half + 1023) << 52);
}

// Natural logarithm within 1e-15: x = 2^n m, log m = 2 atanh((m - 1) / (m + 1)).
DEVICE double logarithm(double x) {
  if (x != x || x < 0) return doubleOf(0x7FF8000000000000ull);
  if (x == 0) return -doubleOf(0x7FF0000000000000ull);
  if (bitsOf(x) == 0x7FF0000000000000ull) return x;
  int n = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984.0;
    n = -54;
  }
  u64 bits = bitsOf(x);
  n += (int)(bits >> 52) - 1023;
  double m = doubleOf((bits & 0xFFFFFFFFFFFFFull) | 0x3FF0000000000000ull);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    n++;
  }
  double s = (m - 1) / (m + 1);
  double u = s * s;
  double p = 1.0 / 23.0;
  p = fused(p, u, 1.0 / 21.0);
  p = fused(p, u, 1.0 / 19.0);
  p = fused(p, u, 1.0 / 17.0);
  p = fused(p, u, 1.0 / 15.0);
  p = fused(p, u, 1.0 / 13.0);
  p = fused(p, u, 1.0 / 11.0);
  p = fused(p, u, 1.0 / 9.0);
  p = fused(p, u, 1.0 / 7.0);
  p = fused(p, u, 1.0 / 5.0);
  p = fused(p, u, 1.0 / 3.0);
  return fused((double)n, 6.93147180369123816490e-01, fused((double)n, 1.90821492927058770002e-10, 2 * fused(p * u, s, s)));
}
DEVICE float logarithm(float x) { return (float)logarithm((double)x); }

DEVICE float errorFunction(float in) {
  float x = within(-3.92f, 3.92f, in);
  float u = x * x;
  float p = 2.050086702e-6f;
  p = p * u + 2.848820599e-4f;
  p = p * u + 3.765598789e-3f;
  p = p * u + 5.274866480e-2f;
  p = p * u + 1.904060830e-1f;
  p = p * u + 1.128379146f;
  float q = 3.809167454e-5f;
  q = q * u + 1.162530653e-3f;
  q = q * u + 1.496917988e-2f;
  q = q * u + 1.141089465e-1f;
  q = q * u + 5.020757385e-1f;
  q = q * u + 1.0f;
  return within(-1.0f, 1.0f, x * p / q);
}

// Taylor series below 2, the continued fraction of erfc above (Abramowitz and Stegun 7.1.6 and 7.1.14).
DEVICE double errorFunction(double x) {
  double z = x < 0 ? -x : x;
  double sign = x < 0 ? -1 : 1;
  if (!(z < 6)) return x != x ? x : sign;
  if (z < 2) {
    double term = z;
    double sum = z;
    for (int n = 1; n < 60; n++) {
      term *= 2 * z * z / (2 * n + 1);
      sum += term;
    }
    return sign * 1.1283791670955126 * exponential(-z * z) * sum;
  }
  double fraction = z;
  for (int n = 120; n >= 1; n--) fraction = z + n / 2.0 / fraction;
  return sign * (1 - 1.1283791670955126 / 2 * exponential(-z * z) / fraction);
}

DEVICE float geluOf(float x) { return 0.5f * x * (1.0f + errorFunction(x * 0.70710678f)); }
DEVICE double geluOf(double x) { return 0.5 * x * (1 + errorFunction(x * 0.7071067811865476)); }

// Philox4x32-10 (Salmon et al., SC 2011), the draws of RandomStream.intAt: four from the block that holds a position.
DEVICE void drawsAround(i64 position, u64 key, u32* draws) {
  u64 block = (u64)position >> 2;
  u32 c0 = (u32)block, c1 = (u32)(block >> 32), c2 = 0, c3 = 0;
  u32 k0 = (u32)key, k1 = (u32)(key >> 32);
  UNROLL_1 for (int round = 0; round < 10; round++) {
    u64 p0 = (u64)c0 * 0xD2511F53u;
    u64 p1 = (u64)c2 * 0xCD9E8D57u;
    c0 = (u32)(p1 >> 32) ^ c1 ^ k0;
    c1 = (u32)p1;
    c2 = (u32)(p0 >> 32) ^ c3 ^ k1;
    c3 = (u32)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  draws[0] = c0;
  draws[1] = c1;
  draws[2] = c2;
  draws[3] = c3;
}
DEVICE u32 drawAt(i64 position, u64 key) {
  u32 draws[4];
  drawsAround(position, key, draws);
  u32 place = (u32)position & 3;
  return place == 0 ? draws[0] : place == 1 ? draws[1] : place == 2 ? draws[2] : draws[3];
}

// Whether dropout keeps a draw: `least` is probability * 2^32, which fits unless everything is lost.
DEVICE bool keeps(u32 draw, u64 least) { return (u64)draw >= least; }

// Packed sequences: offsets [B + 1]; blockX counts tiles of rows, `tiles` a sequence; blockY is a head.
struct Place {
  int first;    // of the owned rows
  int from, to; // the sequence
  int head;
};
DEVICE Place placeOf(const int* offsets, int tiles, int rows) {
  int sequence = (int)blockX() / tiles;
  Place place;
  place.from = offsets[sequence];
  place.to = offsets[sequence + 1];
  place.first = place.from + (int)blockX() % tiles * rows;
  place.head = (int)blockY();
  return place;
}

// Which attention weights are lost: see AttentionDropout. `rows` is null where none is.
struct Dropping { const int* rows; u64 key; u64 least; };
DEVICE i64 firstDraw(const Dropping& drop, int query, int heads, int head) { return ((i64)drop.rows[query] * heads + head) << 20; }
