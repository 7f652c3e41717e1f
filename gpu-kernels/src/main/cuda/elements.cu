// Element-wise kernels: ElementKernels of the backend.
//
// Ladder. 1 (this one): one thread an element, a grid-stride loop, so 128 bytes a warp and access. 2, so far for bf16, whose
// elements are half as large: 16 bytes a thread. Bound by memory: the reference on the CPU is CpuElements, FloatMath and DoubleMath.
#include "device.cuh"

DEVICE float tangent(float in) {
  float x = within(-9.02f, 9.02f, in);
  float u = x * x;
  float p = -8.436053774e-14f;
  p = p * u + 5.257782899e-11f;
  p = p * u - 2.018397778e-8f;
  p = p * u + 1.114425894e-5f;
  p = p * u + 3.103001661e-3f;
  p = p * u + 1.308315717e-1f;
  p = p * u + 9.999999932e-1f;
  float q = 2.544751611e-4f;
  q = q * u + 2.449138232e-2f;
  q = q * u + 4.641648413e-1f;
  q = q * u + 1.0f;
  return within(-1.0f, 1.0f, x * p / q);
}

DEVICE double tangent(double x) {
  double z = x < 0 ? -x : x;
  if (z < 1e-3) return x * (1 - x * x / 3);
  double e = exponential(-2 * z);
  double t = (1 - e) / (1 + e);
  return x < 0 ? -t : t;
}

// 1/2 and an odd function, a quotient of polynomials up to |x| = 6.
DEVICE float geluSlope(float in) {
  float x = within(-6.0f, 6.0f, in);
  float u = x * x;
  float p = 1.704540893e-8f;
  p = p * u + 9.225242868e-7f;
  p = p * u + 3.409229474e-5f;
  p = p * u + 2.027338557e-4f;
  p = p * u + 1.385734494e-2f;
  p = p * u - 2.237094705e-2f;
  p = p * u + 7.978845313e-1f;
  float q = 1.314682311e-9f;
  q = q * u + 3.389653555e-7f;
  q = q * u + 1.030796961e-5f;
  q = q * u + 2.453246880e-4f;
  q = q * u + 3.971529439e-3f;
  q = q * u + 4.413372459e-2f;
  q = q * u + 3.052951387e-1f;
  q = q * u + 1.0f;
  return 0.5f + x * p / q;
}
DEVICE double geluSlope(double x) {
  double density = exponential(-0.5 * x * x) * 0.3989422804014327;
  return 0.5 * (1 + errorFunction(x * 0.7071067811865476)) + x * density;
}

#define UNARY_OF(T, suffix, name, expression)                                \
  KERNEL name##_##suffix(const T* in, T* out, i64 n) {                       \
    EACH(i, n) {                                                             \
      T x = in[i];                                                           \
      out[i] = expression;                                                   \
    }                                                                        \
  }
#define UNARY(name, expression)              \
  UNARY_OF(float, f32, name, (expression))   \
  UNARY_OF(double, f64, name, (expression))

UNARY(exp, exponential(x))
UNARY(log, logarithm(x))
UNARY(sqrt, root(x))
UNARY(tanh, tangent(x))
UNARY(sign, x > 0 ? 1 : x < 0 ? -1 : x)
UNARY(relu, x < 0 ? 0 : x)
UNARY(gelu, geluOf(x))

// Tensors of bf16, computed in float: eight numbers, 16 bytes, a thread where they lie so, one by one otherwise.
DEVICE bool inEights(i64 n, const void* a, const void* b, const void* c) {
  return n % 8 == 0 && (((u64)a | (u64)b | (u64)c) & 15) == 0;
}
DEVICE float lower(u32 two) { return floatOf(two << 16); }
DEVICE float upper(u32 two) { return floatOf(two & 0xFFFF0000u); }

#define UNARY_BF16(name, expression)                                         \
  DEVICE float name##OfBf16(float x) { return expression; }                  \
  KERNEL name##_bf16(const u16* in, u16* out, i64 n) {                       \
    if (inEights(n, in, out, out)) {                                         \
      EACH(i, n / 8) {                                                       \
        Words x = ((const Words*)in)[i];                                     \
        UNROLL for (int w = 0; w < 4; w++) {                                 \
          x.words[w] = packed(name##OfBf16(lower(x.words[w])), name##OfBf16(upper(x.words[w]))); \
        }                                                                    \
        ((Words*)out)[i] = x;                                                \
      }                                                                      \
    } else {                                                                 \
      EACH(i, n) out[i] = bf16Of(name##OfBf16(floatOfBf16(in[i])));          \
    }                                                                        \
  }
UNARY_BF16(gelu, geluOf(x))

// Of two tensors of one shape, and a number.
#define BINARY_BF16(name, expression)                                                                        \
  DEVICE float name##OfBf16(float x, float y, float s) { return expression; }                                \
  DEVICE void name##All(const u16* a, const u16* b, u16* out, i64 n, float s) {                              \
    if (inEights(n, a, b, out)) {                                                                            \
      EACH(i, n / 8) {                                                                                       \
        Words x = ((const Words*)a)[i];                                                                      \
        Words y = ((const Words*)b)[i];                                                                      \
        UNROLL for (int w = 0; w < 4; w++) {                                                                 \
          x.words[w] = packed(name##OfBf16(lower(x.words[w]), lower(y.words[w]), s),                         \
                              name##OfBf16(upper(x.words[w]), upper(y.words[w]), s));                        \
        }                                                                                                    \
        ((Words*)out)[i] = x;                                                                                \
      }                                                                                                      \
    } else {                                                                                                 \
      EACH(i, n) out[i] = bf16Of(name##OfBf16(floatOfBf16(a[i]), floatOfBf16(b[i]), s));                     \
    }                                                                                                        \
  }
BINARY_BF16(add, x + y)
BINARY_BF16(gelu_backward, y * geluSlope(x))
BINARY_BF16(axpy, y + s * x)
KERNEL axpy_bf16(const u16* in, u16* out, i64 n, float s) { axpyAll(in, out, out, n, s); }

#define SCALED_OF(T, suffix, name, expression)                               \
  KERNEL name##_##suffix(const T* in, T* out, i64 n, T s) {                  \
    EACH(i, n) {                                                             \
      T x = in[i];                                                           \
      out[i] = expression;                                                   \
    }                                                                        \
  }
#define SCALED(name, expression)             \
  SCALED_OF(float, f32, name, (expression))  \
  SCALED_OF(double, f64, name, (expression))

SCALED(scale, s * x)
SCALED(shift, x + s)
SCALED(axpy, out[i] + s * x)

// b is [n], or repeated: a row of `columns` (1), a column (2), one element (3).
DEVICE i64 repeated(i64 i, i64 columns, int repeat) {
  if (repeat == 0) return i;
  if (repeat == 3) return 0;
  if (i <= 0xFFFFFFFFll) { // 32-bit division is several times faster
    u32 at = (u32)i, width = (u32)columns;
    return repeat == 1 ? at % width : at / width;
  }
  return repeat == 1 ? i % columns : i / columns;
}

#define BINARY_OF(T, suffix, name, expression)                                                   \
  KERNEL name##_##suffix(const T* a, const T* b, T* out, i64 n, i64 columns, int repeat) {       \
    EACH(i, n) {                                                                                 \
      T x = a[i];                                                                                \
      T y = b[repeated(i, columns, repeat)];                                                     \
      out[i] = expression;                                                                       \
    }                                                                                            \
  }
#define BINARY(name, expression)             \
  BINARY_OF(float, f32, name, (expression))  \
  BINARY_OF(double, f64, name, (expression))

BINARY(add, x + y)
BINARY(subtract, x - y)
BINARY(multiply, x * y)
BINARY(divide, x / y)
BINARY(tanh_backward, y * (1 - x * x))
BINARY(relu_backward, x > 0 ? y : 0)
BINARY(gelu_backward, y * geluSlope(x))

// With a second argument of one shape, or repeated.
DEVICE void addRepeated(const u16* a, const u16* b, u16* out, i64 n, i64 columns, int repeat) {
  EACH(i, n) out[i] = bf16Of(floatOfBf16(a[i]) + floatOfBf16(b[repeated(i, columns, repeat)]));
}
KERNEL add_bf16(const u16* a, const u16* b, u16* out, i64 n, i64 columns, int repeat) {
  if (repeat == 0) addAll(a, b, out, n, 0);
  else addRepeated(a, b, out, n, columns, repeat);
}
KERNEL gelu_backward_bf16(const u16* a, const u16* b, u16* out, i64 n, i64 columns, int repeat) { gelu_backwardAll(a, b, out, n, 0); }

// rows [R] is what each row of `columns` elements is to the stream; see ElementKernels.dropout.
template <class T>
DEVICE void dropoutOf(const T* in, const int* rows, T* out, i64 n, i64 columns, u64 key, u64 least, double factor) {
  EACH(i, n) {
    i64 row = i / columns;
    u32 draw = drawAt(rows[row] * columns + (i - row * columns), key);
    put(out + i, keeps(draw, least) ? (decltype(loaded(in[i])))((double)loaded(in[i]) * factor) : 0);
  }
}
KERNEL dropout_f32(const float* in, const int* rows, float* out, i64 n, i64 columns, u64 key, u64 least, double factor) {
  dropoutOf(in, rows, out, n, columns, key, least, factor);
}
KERNEL dropout_f64(const double* in, const int* rows, double* out, i64 n, i64 columns, u64 key, u64 least, double factor) {
  dropoutOf(in, rows, out, n, columns, key, least, factor);
}

KERNEL dropout_bf16(const u16* in, const int* rows, u16* out, i64 n, i64 columns, u64 key, u64 least, double factor) {
  dropoutOf(in, rows, out, n, columns, key, least, factor);
}

KERNEL masked_fill_f32(const float* in, const int* keep, float* out, i64 n, float value) {
  EACH(i, n) out[i] = keep[i] != 0 ? in[i] : value;
}
KERNEL masked_fill_f64(const double* in, const int* keep, double* out, i64 n, double value) {
  EACH(i, n) out[i] = keep[i] != 0 ? in[i] : value;
}

KERNEL fill_b16(u16* out, i64 n, u64 bits) { EACH(i, n) out[i] = (u16)bits; }
KERNEL fill_b32(u32* out, i64 n, u64 bits) { EACH(i, n) out[i] = (u32)bits; }
KERNEL fill_b64(u64* out, i64 n, u64 bits) { EACH(i, n) out[i] = bits; }

#define CAST(S, s, D, d, expression)                        \
  KERNEL cast_##s##_##d(const S* in, D* out, i64 n) {       \
    EACH(i, n) {                                            \
      S x = in[i];                                          \
      out[i] = expression;                                  \
    }                                                       \
  }
CAST(float, f32, double, f64, x)
CAST(float, f32, u16, bf16, bf16Of(x))
CAST(double, f64, float, f32, (float)x)
CAST(double, f64, u16, bf16, bf16Of((float)x))
CAST(u16, bf16, float, f32, floatOfBf16(x))
CAST(u16, bf16, double, f64, floatOfBf16(x))
CAST(int, i32, float, f32, (float)x)
CAST(int, i32, double, f64, x)
CAST(int, i32, u16, bf16, bf16Of((float)x))
