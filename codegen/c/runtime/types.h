/* requires: */
#include <math.h>
#include <stdint.h>

/* Vectors: GCC/Clang vector extensions, or one plain C99 lane with -DGRAPHDL_PORTABLE. */
#if defined(__GNUC__) && !defined(GRAPHDL_PORTABLE) && (defined(__clang__) || __GNUC__ >= 9)
#  define GRAPHDL_SIMD 1
#else
#  define GRAPHDL_SIMD 0
#endif

#if GRAPHDL_SIMD
#  if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && \
      defined(__AVX512VL__)
#    define GRAPHDL_HAS_AVX512 1
#  else
#    define GRAPHDL_HAS_AVX512 0
#  endif
#  ifndef GRAPHDL_VECTOR_BYTES
#    if GRAPHDL_HAS_AVX512
#      define GRAPHDL_VECTOR_BYTES 64
#    elif defined(__AVX__)
#      define GRAPHDL_VECTOR_BYTES 32
#    else
#      define GRAPHDL_VECTOR_BYTES 16
#    endif
#  endif
/* The x86 instruction set whose registers are exactly one vector wide; 0: none. */
#  if GRAPHDL_VECTOR_BYTES == 64 && GRAPHDL_HAS_AVX512
#    define GRAPHDL_ISA 512
#    define GRAPHDL_MM(op) _mm512_##op
#    define GRAPHDL_SI __m512i
#    define GRAPHDL_PS __m512
#    define GRAPHDL_PD __m512d
#  elif GRAPHDL_VECTOR_BYTES == 32 && defined(__AVX__)
#    define GRAPHDL_ISA 256
#    define GRAPHDL_MM(op) _mm256_##op
#    define GRAPHDL_SI __m256i
#    define GRAPHDL_PS __m256
#    define GRAPHDL_PD __m256d
#  elif GRAPHDL_VECTOR_BYTES == 16 && defined(__SSE2__)
#    define GRAPHDL_ISA 128
#    define GRAPHDL_MM(op) _mm_##op
#    define GRAPHDL_SI __m128i
#    define GRAPHDL_PS __m128
#    define GRAPHDL_PD __m128d
#  else
#    define GRAPHDL_ISA 0
#  endif
/* Blends and roundings in one instruction. */
#  if GRAPHDL_ISA == 256 || (GRAPHDL_ISA == 128 && defined(__SSE4_1__))
#    define GRAPHDL_BLEND 1
#  else
#    define GRAPHDL_BLEND 0
#  endif
#  if GRAPHDL_ISA
#    include <immintrin.h>
#  endif
#  pragma GCC diagnostic ignored "-Wpsabi"
#  define GRAPHDL_FN static inline __attribute__((always_inline, unused))
#  define F32_LANES (GRAPHDL_VECTOR_BYTES / 4)
#  define F64_LANES (GRAPHDL_VECTOR_BYTES / 8)
#  define GRAPHDL_VECTOR(bytes) __attribute__((vector_size(bytes)))
#  define GRAPHDL_LOOSE(bytes, align) __attribute__((vector_size(bytes), aligned(align), may_alias))
typedef float f32v GRAPHDL_VECTOR(GRAPHDL_VECTOR_BYTES);
typedef double f64v GRAPHDL_VECTOR(GRAPHDL_VECTOR_BYTES);
typedef int32_t i32v GRAPHDL_VECTOR(GRAPHDL_VECTOR_BYTES);
typedef int64_t i64v GRAPHDL_VECTOR(GRAPHDL_VECTOR_BYTES);
typedef uint32_t u32v GRAPHDL_VECTOR(GRAPHDL_VECTOR_BYTES);
typedef uint64_t u64v GRAPHDL_VECTOR(GRAPHDL_VECTOR_BYTES);
typedef uint8_t u8v GRAPHDL_VECTOR(GRAPHDL_VECTOR_BYTES);
/* The same in memory, aligned like one element; and the narrower sources of a vector. */
typedef float f32v_mem GRAPHDL_LOOSE(GRAPHDL_VECTOR_BYTES, 4);
typedef double f64v_mem GRAPHDL_LOOSE(GRAPHDL_VECTOR_BYTES, 8);
typedef int32_t i32v_mem GRAPHDL_LOOSE(GRAPHDL_VECTOR_BYTES, 4);
typedef int64_t i64v_mem GRAPHDL_LOOSE(GRAPHDL_VECTOR_BYTES, 8);
typedef uint8_t i32v_mem_u8 GRAPHDL_LOOSE(F32_LANES, 1);
typedef uint8_t i64v_mem_u8 GRAPHDL_LOOSE(F64_LANES, 1);
typedef int32_t i64v_mem_i32 GRAPHDL_LOOSE(F64_LANES * 4, 4);
typedef float f64v_mem_f32 GRAPHDL_LOOSE(F64_LANES * 4, 4);
/* A mask has one bit a lane with AVX-512, else lanes of 0 and -1. */
#  if GRAPHDL_ISA == 512
typedef __mmask16 m32v;
typedef __mmask8 m64v;
#  else
typedef i32v m32v;
typedef i64v m64v;
#  endif
/* F(0), F(1), ... for each lane of a vector of 32-bit (W4) or 64-bit (W8) elements. */
#  define GRAPHDL_EACH2(F) F(0), F(1)
#  define GRAPHDL_EACH4(F) GRAPHDL_EACH2(F), F(2), F(3)
#  define GRAPHDL_EACH8(F) GRAPHDL_EACH4(F), F(4), F(5), F(6), F(7)
#  define GRAPHDL_EACH16(F) \
      GRAPHDL_EACH8(F), F(8), F(9), F(10), F(11), F(12), F(13), F(14), F(15)
#  if GRAPHDL_VECTOR_BYTES == 64
#    define GRAPHDL_EACH_W4 GRAPHDL_EACH16
#    define GRAPHDL_EACH_W8 GRAPHDL_EACH8
#  elif GRAPHDL_VECTOR_BYTES == 32
#    define GRAPHDL_EACH_W4 GRAPHDL_EACH8
#    define GRAPHDL_EACH_W8 GRAPHDL_EACH4
#  else
#    define GRAPHDL_EACH_W4 GRAPHDL_EACH4
#    define GRAPHDL_EACH_W8 GRAPHDL_EACH2
#  endif
#  define GRAPHDL_LANE(k) (k)
#  define GRAPHDL_SAME(k) x
#  define GRAPHDL_AT(k) p[(k) * stride]
/* The low byte of element k among a vector's bytes, as x86 orders them. */
#  define GRAPHDL_BYTE4(k) ((k) * 4)
#  define GRAPHDL_BYTE8(k) ((k) * 8)
/* A vector whose lanes k and k ^ h have changed places, for h a power of two. */
#  if defined(__clang__) || __GNUC__ >= 12
#    define GRAPHDL_PICK 1
#    define GRAPHDL_SHUFFLE(v, I, ...) __builtin_shufflevector(v, v, __VA_ARGS__)
#  else
#    define GRAPHDL_PICK 0
#    define GRAPHDL_SHUFFLE(v, I, ...) __builtin_shuffle(v, (I){__VA_ARGS__})
#  endif
#  define GRAPHDL_XOR8(k) ((k) ^ 8)
#  define GRAPHDL_XOR4(k) ((k) ^ 4)
#  define GRAPHDL_XOR2(k) ((k) ^ 2)
#  define GRAPHDL_XOR1(k) ((k) ^ 1)
#  define GRAPHDL_SWAP_W4(v, h) GRAPHDL_SHUFFLE(v, i32v, GRAPHDL_EACH_W4(GRAPHDL_XOR##h))
#  define GRAPHDL_SWAP_W8(v, h) GRAPHDL_SHUFFLE(v, i64v, GRAPHDL_EACH_W8(GRAPHDL_XOR##h))
#else
#  ifdef __GNUC__
#    define GRAPHDL_FN static inline __attribute__((unused))
#  else
#    define GRAPHDL_FN static inline
#  endif
#  define F32_LANES 1
#  define F64_LANES 1
typedef float f32v;
typedef double f64v;
typedef int32_t i32v;
typedef int64_t i64v;
typedef int m32v;
typedef int m64v;
#endif
