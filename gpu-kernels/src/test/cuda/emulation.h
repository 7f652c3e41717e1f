// Blocks of CUDA threads on one thread of the CPU, for tests: the kernels are compiled as C++ after this file. Each CUDA
// thread is a fiber that runs until a barrier; every other launch runs blocks and threads in reverse, so that what depends
// on their order shows as different bits. Slow and exact: same operations, same order, fused only where the source says so.
#pragma once
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCHWRIGHT_EMULATION 1
#define __global__
#define __device__
#define __shared__ static
#define DEVICE static inline
#define UNROLL
#define UNROLL_1
#define UNROLL_4
#define DYNAMIC_SHARED(T, name) T* name = (T*)emulation::dynamicShared

namespace emulation {

constexpr int MOST_THREADS = 1024;
constexpr size_t STACK_BYTES = 64 << 10;
constexpr size_t SHARED_BYTES = 228 << 10;
alignas(64) static unsigned char dynamicShared[SHARED_BYTES];

// --- fibers -----------------------------------------------------------------------------------------------------------
#if defined(__x86_64__)
struct Context { void* stack; };
extern "C" void emulationSwitch(Context* from, Context* to);
asm(R"(
.text
.type emulationSwitch,@function
emulationSwitch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq (%rsi), %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");
static void prepare(Context* context, unsigned char* stack, void (*entry)()) {
  void** top = (void**)(((uintptr_t)stack + STACK_BYTES) & ~(uintptr_t)15);
  *--top = nullptr; // keeps the stack aligned as at a call
  *--top = (void*)entry;
  for (int i = 0; i < 6; i++) *--top = nullptr;
  context->stack = top;
}
#else
#include <ucontext.h>
struct Context { ucontext_t state; };
static void emulationSwitch(Context* from, Context* to) { swapcontext(&from->state, &to->state); }
static void prepare(Context* context, unsigned char* stack, void (*entry)()) {
  getcontext(&context->state);
  context->state.uc_stack.ss_sp = stack;
  context->state.uc_stack.ss_size = STACK_BYTES;
  context->state.uc_link = nullptr;
  makecontext(&context->state, entry, 0);
}
#endif

struct Meeting { int arrived; unsigned round; };
struct Warp { Meeting meeting; uint32_t exchange[2][32][8]; };

static Context scheduler, contexts[MOST_THREADS];
static unsigned char* stacks[MOST_THREADS];
static Meeting block;
static Warp warps[MOST_THREADS / 32];
static uint32_t thread, threads, blockAtX, blockAtY, blocksAcross;
static int finished;
static bool done[MOST_THREADS];
static uint64_t progress;
static void (*kernel)(void**);
static void** arguments;
static const char* kernelName;

static void yield() { emulationSwitch(&contexts[thread], &scheduler); }

// Copies of each thread that are on their way, as late as they may: a missing wait shows.
struct Async { uint32_t to; const void* from; int bytes; int group; };
static Async asyncs[MOST_THREADS][64];
static int asyncCount[MOST_THREADS], asyncGroup[MOST_THREADS];

static void meet(Meeting* meeting, int members) {
  unsigned round = meeting->round;
  progress++;
  if (++meeting->arrived == members) {
    meeting->arrived = 0;
    meeting->round++;
    return;
  }
  while (meeting->round == round) yield();
}

static void run() {
  kernel(arguments);
  done[thread] = true;
  finished++;
  progress++;
  yield();
}

static void runBlock(bool reversed) {
  memset(dynamicShared, 0xFF, SHARED_BYTES);
  memset(warps, 0, sizeof warps);
  block = {0, 0};
  finished = 0;
  for (uint32_t t = 0; t < threads; t++) {
    done[t] = false;
    asyncCount[t] = asyncGroup[t] = 0;
    if (!stacks[t]) stacks[t] = (unsigned char*)malloc(STACK_BYTES);
    prepare(&contexts[t], stacks[t], run);
  }
  while (finished < (int)threads) {
    uint64_t before = progress;
    for (uint32_t i = 0; i < threads; i++) {
      thread = reversed ? threads - 1 - i : i;
      if (!done[thread]) emulationSwitch(&scheduler, &contexts[thread]);
    }
    // A round in which nobody arrived anywhere: some wait for threads that have left.
    if (progress == before) {
      fprintf(stderr, "emulation: %s waits for ever at a barrier\n", kernelName);
      abort();
    }
  }
}

static void launch(const char* name, void (*adapter)(void**), uint32_t gridX, uint32_t gridY, uint32_t blockX, void** parameters) {
  static unsigned launches = 0;
  bool reversed = launches++ % 2 == 1;
  kernelName = name;
  kernel = adapter;
  arguments = parameters;
  threads = blockX;
  blocksAcross = gridX;
  for (uint64_t b = 0; b < (uint64_t)gridX * gridY; b++) {
    uint64_t at = reversed ? (uint64_t)gridX * gridY - 1 - b : b;
    blockAtX = (uint32_t)(at % gridX);
    blockAtY = (uint32_t)(at / gridX);
    runBlock(reversed);
  }
}

// Calls a kernel with parameters as cuLaunchKernel gets them: an address each.
template <class F> struct Caller;
template <class... A> struct Caller<void (*)(A...)> {
  template <size_t... I> struct Sequence {};
  template <size_t N, size_t... I> struct Make : Make<N - 1, N - 1, I...> {};
  template <size_t... I> struct Make<0, I...> { using type = Sequence<I...>; };
  template <size_t... I> static void spread(void (*f)(A...), void** p, Sequence<I...>) { f(*(A*)p[I]...); }
  static constexpr int COUNT = sizeof...(A);
  static void call(void (*f)(A...), void** p) { spread(f, p, typename Make<sizeof...(A)>::type()); }
};

// Each lane shows up to eight words to its warp and sees everybody's.
static uint32_t (*exchange(const uint32_t* words, int count))[8] {
  Warp& warp = warps[thread / 32];
  unsigned parity = warp.meeting.round & 1; // the others may still read what the last exchange showed
  memcpy(warp.exchange[parity][thread % 32], words, count * sizeof(uint32_t));
  meet(&warp.meeting, 32);
  return warp.exchange[parity];
}

} // namespace emulation

static inline uint32_t threadIndex() { return emulation::thread; }
static inline uint32_t threadCount() { return emulation::threads; }
static inline uint32_t blockX() { return emulation::blockAtX; }
static inline uint32_t blockY() { return emulation::blockAtY; }
static inline uint32_t blocksX() { return emulation::blocksAcross; }
static inline void barrier() { emulation::meet(&emulation::block, (int)emulation::threads); }
static inline void warpBarrier() { uint32_t nothing = 0; emulation::exchange(&nothing, 1); }
static inline uint32_t shuffleXor(uint32_t v, int mask) { return emulation::exchange(&v, 1)[(emulation::thread % 32) ^ mask][0]; }
static inline uint32_t shuffleFrom(uint32_t v, int lane) { return emulation::exchange(&v, 1)[lane][0]; }
static inline uint32_t bitsOf(float x) { uint32_t v; memcpy(&v, &x, 4); return v; }
static inline float floatOf(uint32_t x) { float v; memcpy(&v, &x, 4); return v; }
static inline unsigned long long bitsOf(double x) { unsigned long long v; memcpy(&v, &x, 8); return v; }
static inline double doubleOf(unsigned long long x) { double v; memcpy(&v, &x, 8); return v; }
static inline float fused(float a, float b, float c) { return fmaf(a, b, c); }
static inline double fused(double a, double b, double c) { return fma(a, b, c); }
static inline float root(float x) { return sqrtf(x); }
static inline double root(double x) { return sqrt(x); }

static inline uint32_t packed(float low, float high) {
  auto round = [](float x) {
    uint32_t bits = bitsOf(x);
    return x != x ? 0x7FFFu : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  };
  return round(low) | round(high) << 16;
}
static inline float powerOfTwo(float x) {
  float v = exp2f(x);
  return v < 1.17549435e-38f ? 0 : v;
}
static inline uint32_t sharedAddress(const void* p) { return (uint32_t)((const unsigned char*)p - emulation::dynamicShared); }

static inline void copyAsync(uint32_t to, const void* from, int bytes) {
  int& count = emulation::asyncCount[emulation::thread];
  bool aligned = to % 16 == 0 && (bytes == 0 || (uintptr_t)from % 16 == 0);
  if (!aligned || to > emulation::SHARED_BYTES - 16 || bytes < 0 || bytes > 16 || count == 64) {
    fprintf(stderr, "emulation: %s copies %d bytes from %p to %u\n", emulation::kernelName, bytes, from, to);
    abort();
  }
  emulation::asyncs[emulation::thread][count++] = {to, from, bytes, emulation::asyncGroup[emulation::thread]};
}
static inline void commitAsync() { emulation::asyncGroup[emulation::thread]++; }
template <int N> static inline void awaitAsync() {
  emulation::Async* all = emulation::asyncs[emulation::thread];
  int& count = emulation::asyncCount[emulation::thread];
  int kept = 0;
  for (int i = 0; i < count; i++) {
    if (all[i].group >= emulation::asyncGroup[emulation::thread] - N) {
      all[kept++] = all[i];
      continue;
    }
    memset(emulation::dynamicShared + all[i].to, 0, 16);
    memcpy(emulation::dynamicShared + all[i].to, all[i].from, all[i].bytes);
  }
  count = kept;
}

// Lane l names row l % 8 of matrix l / 8.
static inline void matrices(uint32_t* words, uint32_t row, bool transposed) {
  if (row % 16 != 0 || row > emulation::SHARED_BYTES - 16) {
    fprintf(stderr, "emulation: %s reads a row of a matrix at %u\n", emulation::kernelName, row);
    abort();
  }
  uint32_t (*all)[8] = emulation::exchange(&row, 1);
  uint32_t group = emulation::thread % 32 / 4, place = emulation::thread % 4;
  for (int m = 0; m < 4; m++) {
    uint16_t two[2];
    for (uint32_t e = 0; e < 2; e++) {
      uint32_t line = transposed ? 2 * place + e : group, column = transposed ? group : 2 * place + e;
      memcpy(&two[e], emulation::dynamicShared + all[8 * m + line][0] + 2 * column, 2);
    }
    words[m] = two[0] | (uint32_t)two[1] << 16;
  }
}
static inline void loadMatrices(uint32_t* words, uint32_t row) { matrices(words, row, false); }
static inline void loadTransposed(uint32_t* words, uint32_t row) { matrices(words, row, true); }

// The PTX manual's layout of m16n8k16: with group = lane / 4 and place = lane % 4, word w of a holds row group + 8 (w % 2),
// columns 2 place + 8 (w / 2) and the next; word w of b rows 2 place + 8 w and the next, column group; d[e] is row
// group + 8 (e / 2), column 2 place + e % 2.
static inline void mma(float* d, const uint32_t* a, const uint32_t* b) {
  uint32_t words[6] = {a[0], a[1], a[2], a[3], b[0], b[1]};
  uint32_t (*all)[8] = emulation::exchange(words, 6);
  int lane = (int)(emulation::thread % 32), group = lane / 4, place = lane % 4;
  for (int e = 0; e < 4; e++) {
    int row = group + 8 * (e / 2), column = 2 * place + e % 2;
    for (int k = 0; k < 16; k++) {
      uint32_t left = all[row % 8 * 4 + k % 8 / 2][row / 8 + 2 * (k / 8)];
      uint32_t right = all[column * 4 + k % 8 / 2][4 + k / 8];
      d[e] += floatOf(left >> (k % 2 * 16) << 16) * floatOf(right >> (k % 2 * 16) << 16);
    }
  }
}
