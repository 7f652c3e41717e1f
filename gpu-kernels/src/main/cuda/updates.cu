// AdamW, its rows, Lion, and what is done to many tensors at once: UpdateKernels of the backend. The CPU reference is CpuUpdates, AdamWLoops.
//
// Ladder. One thread an element, everything read and written once: 28 bytes an element of AdamW, bound by memory. The
// formula stands once and says its rounding, so that dense updates, rows and replayed steps agree bit for bit. A model has
// hundreds of tensors, most of them small: one launch updates all, a block a piece of one, by a table of where they lie.
#include "device.cuh"

#define PIECE 16384

// One of the tensors of a launch, in the order of their blocks: up to four of one shape, and up to nine numbers.
struct Member {
  u64 tensors[4];
  i64 elements;
  i64 firstBlock;
  double numbers[9];
};
DEVICE const Member* memberOf(const Member* members, int count) {
  int low = 0;
  int high = count; // the first whose blocks come later is in (low, high]
  while (high - low > 1) {
    int middle = (low + high) / 2;
    if (members[middle].firstBlock <= (i64)blockX()) low = middle;
    else high = middle;
  }
  return members + low;
}
#define EACH_OF(i, member)                                                                                      \
  for (i64 i = ((i64)blockX() - member->firstBlock) * PIECE + threadIndex(),                                    \
           end##i = least(member->elements, ((i64)blockX() - member->firstBlock + 1) * PIECE);                  \
       i < end##i; i += threadCount())

// The scalars of one step, in the type of the parameter; as AdamWLoops.Step.
template <class T> struct Step { T beta1, rest1, beta2, rest2, keep, stepSize, secondScale, epsilon, factor; };

// In single precision a moment below 1e-31 becomes 0, as on the CPU, which keeps replayed steps equal to those taken.
DEVICE float flushed(float x) { return (x + 1e-24f) - 1e-24f; }
DEVICE double flushed(double x) { return x; }

template <class T>
DEVICE void adamWElement(T* p, T gradient, T* m, T* v, const Step<T>& s) {
  T g = s.factor * gradient;
  T first = flushed(s.beta1 * *m + s.rest1 * g);
  T second = flushed(s.beta2 * *v + s.rest2 * g * g);
  *m = first;
  *v = second;
  *p = s.keep * *p - s.stepSize * first / (root(second) * s.secondScale + s.epsilon);
}

// steps: nine numbers of the type a step, from step `after` + 1 on.
template <class T>
DEVICE Step<T> stepAt(const T* steps, int after, int step) {
  const T* s = steps + 9 * (i64)(step - after - 1);
  return {s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8]};
}

#define ADAM_W(T, suffix)                                                                                       \
  /* Parameters, gradients, moments; a direction where the parameter is the gradient and keeps nothing. */      \
  KERNEL adam_w_##suffix(const Member* members, int count) {                                                    \
    const Member* of = memberOf(members, count);                                                                \
    const double* s = of->numbers;                                                                              \
    Step<T> step = {(T)s[0], (T)s[1], (T)s[2], (T)s[3], (T)s[4], (T)s[5], (T)s[6], (T)s[7], (T)s[8]};          \
    T* p = (T*)of->tensors[0];                                                                                  \
    const T* g = (const T*)of->tensors[1];                                                                      \
    T* m = (T*)of->tensors[2];                                                                                  \
    T* v = (T*)of->tensors[3];                                                                                  \
    EACH_OF(i, of) adamWElement(p + i, g[i], m + i, v + i, step);                                               \
  }                                                                                                             \
  /* Gradients become directions; momenta. Numbers: beta1, 1 - beta1, beta2, 1 - beta2. */                      \
  KERNEL lion_##suffix(const Member* members, int count) {                                                      \
    const Member* of = memberOf(members, count);                                                                \
    T* u = (T*)of->tensors[0];                                                                                  \
    T* m = (T*)of->tensors[1];                                                                                  \
    T beta1 = (T)of->numbers[0], rest1 = (T)of->numbers[1], beta2 = (T)of->numbers[2], rest2 = (T)of->numbers[3]; \
    EACH_OF(i, of) {                                                                                            \
      T mixed = beta1 * m[i] + rest1 * u[i];                                                                    \
      m[i] = beta2 * m[i] + rest2 * u[i];                                                                       \
      u[i] = mixed > 0 ? 1 : mixed < 0 ? -1 : mixed;                                                            \
    }                                                                                                           \
  }                                                                                                             \
  KERNEL scale_each_##suffix(const Member* members, int count) {                                                \
    const Member* of = memberOf(members, count);                                                                \
    T* x = (T*)of->tensors[0];                                                                                  \
    T factor = (T)of->numbers[0];                                                                               \
    EACH_OF(i, of) x[i] = factor * x[i];                                                                        \
  }                                                                                                             \
  KERNEL axpy_each_##suffix(const Member* members, int count) {                                                 \
    const Member* of = memberOf(members, count);                                                                \
    const T* x = (const T*)of->tensors[0];                                                                      \
    T* out = (T*)of->tensors[1];                                                                                \
    T factor = (T)of->numbers[0];                                                                               \
    EACH_OF(i, of) out[i] = out[i] + factor * x[i];                                                             \
  }                                                                                                             \
  /* The sum of squares of each block's piece. */                                                              \
  KERNEL sum_squares_each_##suffix(const Member* members, int count, double* sums) {                            \
    __shared__ double exchange[WARP];                                                                           \
    const Member* of = memberOf(members, count);                                                                \
    const T* x = (const T*)of->tensors[0];                                                                      \
    double sum = 0;                                                                                             \
    EACH_OF(i, of) sum += (double)x[i] * x[i];                                                                  \
    sum = blockSum(sum, exchange);                                                                              \
    if (threadIndex() == 0) sums[blockX()] = sum;                                                               \
  }                                                                                                             \
  /* One block a touched row: rows [U], g [U, width]. */                                                        \
  KERNEL adam_w_rows_##suffix(T* p, const int* rows, const T* g, T* m, T* v, i64 width, T beta1, T rest1,       \
                              T beta2, T rest2, T keep, T stepSize, T secondScale, T epsilon, T factor) {       \
    Step<T> step = {beta1, rest1, beta2, rest2, keep, stepSize, secondScale, epsilon, factor};                  \
    i64 row = rows[blockX()] * width;                                                                           \
    for (i64 i = threadIndex(); i < width; i += threadCount()) {                                                \
      adamWElement(p + row + i, g[blockX() * width + i], m + row + i, v + row + i, step);                       \
    }                                                                                                           \
  }                                                                                                             \
  /* Steps lastStep + 1 to upTo with zero gradients; each row once. The host moves lastStep afterwards. */      \
  KERNEL adam_w_catch_up_##suffix(T* p, const int* rows, T* m, T* v, const int* lastStep, i64 width,            \
                                  const T* steps, int after, int upTo) {                                        \
    i64 row = rows[blockX()];                                                                                   \
    int last = lastStep[row];                                                                                   \
    for (i64 i = row * width + threadIndex(); i < (row + 1) * width; i += threadCount()) {                      \
      T parameter = p[i], first = m[i], second = v[i];                                                          \
      for (int s = last + 1; s <= upTo; s++) {                                                                  \
        adamWElement(&parameter, (T)0, &first, &second, stepAt(steps, after, s));                               \
      }                                                                                                         \
      p[i] = parameter;                                                                                         \
      m[i] = first;                                                                                             \
      v[i] = second;                                                                                            \
    }                                                                                                           \
  }                                                                                                             \
  KERNEL sgd_rows_##suffix(T* p, const int* rows, const T* g, i64 width, T rate) {                              \
    i64 row = rows[blockX()] * width;                                                                           \
    for (i64 i = threadIndex(); i < width; i += threadCount()) {                                                \
      p[row + i] = p[row + i] - rate * g[blockX() * width + i];                                                 \
    }                                                                                                           \
  }
ADAM_W(float, f32)
ADAM_W(double, f64)
