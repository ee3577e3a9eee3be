"""C functions that all contraction sites of a file share, one set for each dtype."""

from __future__ import annotations

_UNROLL = """\
/* Register blocks are arrays: their loops must be unrolled before registers are assigned. */
#if defined(__clang__)
#define GEMM_UNROLL _Pragma("clang loop unroll(full)")
#define GEMM_ROLLED
#elif defined(__GNUC__)
#define GEMM_UNROLL _Pragma("GCC unroll 32")
#define GEMM_ROLLED _Pragma("GCC unroll 1")
#else
#define GEMM_UNROLL
#define GEMM_ROLLED
#endif
#if defined(__GNUC__)
#define GEMM_INLINE static inline __attribute__((always_inline, unused))
#else
#define GEMM_INLINE static inline
#endif
/* Not copied for one call's constants: that costs text and saves no time. */
#if defined(__clang__)
#define GEMM_SHARED static __attribute__((noinline, unused))
#elif defined(__GNUC__)
#define GEMM_SHARED static __attribute__((noipa, unused))
#else
#define GEMM_SHARED static
#endif"""

_BLOCK = """\
/* out[r][v] = (add ? out[r][v] : 0) + sum over p < k of A[r][p] * B[p][v], a block of
   rows x vecs vectors in registers. rows, vecs and add are constants at every call; `last`
   lanes of the last vector are valid. */
GEMM_INLINE void gemm_@_block(
    const int rows, const int vecs, const int add, int64_t k,
    const $ *a, int64_t a_row, int64_t a_col,
    const $ *b, int64_t b_row, int64_t last, @v *out, const int out_row)
{
    @v sum[32];
    GEMM_UNROLL
    for (int r = 0; r < rows; ++r) {
        GEMM_UNROLL
        for (int v = 0; v < vecs; ++v) {
            sum[r * vecs + v] = add ? out[r * out_row + v] : @v_set(0);
        }
    }
    /* A full load of a partial vector reads on into the next row of B, which is harmless
       except in the last rows. */
    int64_t full = k;
    if (last < LANES) {
        full = b_row > 0 ? k - (LANES - last + b_row - 1) / b_row : 0;
    }
    int64_t p = 0;
    for (; p < full; ++p) {
        @v row[8];
        GEMM_UNROLL
        for (int v = 0; v < vecs; ++v) {
            row[v] = @v_load(b + p * b_row + v * LANES);
        }
        GEMM_UNROLL
        for (int r = 0; r < rows; ++r) {
            const @v x = @v_set(a[r * a_row + p * a_col]);
            GEMM_UNROLL
            for (int v = 0; v < vecs; ++v) {
                sum[r * vecs + v] += x * row[v];
            }
        }
    }
    if (last < LANES) {
        for (; p < k; ++p) {
            @v row[8];
            GEMM_UNROLL
            for (int v = 0; v < vecs; ++v) {
                const $ *const q = b + p * b_row + v * LANES;
                row[v] = v + 1 < vecs ? @v_load(q) : @v_load_n(q, last);
            }
            GEMM_UNROLL
            for (int r = 0; r < rows; ++r) {
                const @v x = @v_set(a[r * a_row + p * a_col]);
                GEMM_UNROLL
                for (int v = 0; v < vecs; ++v) {
                    sum[r * vecs + v] += x * row[v];
                }
            }
        }
    }
    GEMM_UNROLL
    for (int r = 0; r < rows; ++r) {
        GEMM_UNROLL
        for (int v = 0; v < vecs; ++v) {
            out[r * out_row + v] = sum[r * vecs + v];
        }
    }
}"""

_EDGE = """\
/* The same for an edge of any size: rows x cols elements, in blocks of 4 or 1 rows by 2 or
   1 vectors. */
GEMM_SHARED void gemm_@_edge(
    int64_t rows, int64_t cols, int64_t k, const $ *a, int64_t a_row, int64_t a_col,
    const $ *b, int64_t b_row, @v *out, const int out_row)
{
    int64_t r = 0;
    while (r < rows) {
        const $ *const x = a + r * a_row;
        @v *const y = out + r * out_row;
        const int64_t step = rows - r >= 4 ? 4 : 1;
        int64_t j = 0;
        for (; cols - j >= 2 * LANES; j += 2 * LANES) {
            if (step == 4) {
                gemm_@_block(4, 2, 0, k, x, a_row, a_col, b + j, b_row, LANES,
                             y + j / LANES, out_row);
            } else {
                gemm_@_block(1, 2, 0, k, x, a_row, a_col, b + j, b_row, LANES,
                             y + j / LANES, out_row);
            }
        }
        for (; j < cols; j += LANES) {
            const int64_t last = cols - j < LANES ? cols - j : LANES;
            if (step == 4) {
                gemm_@_block(4, 1, 0, k, x, a_row, a_col, b + j, b_row, last,
                             y + j / LANES, out_row);
            } else {
                gemm_@_block(1, 1, 0, k, x, a_row, a_col, b + j, b_row, last,
                             y + j / LANES, out_row);
            }
        }
        r += step;
    }
}"""

_TRANSPOSE = """\
#if LANES > 1
#if defined(__clang__) || __GNUC__ >= 12
#define GEMM_@_ZIP(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
#define GEMM_@_ZIP(x, y, ...) __builtin_shuffle(x, y, (%v){__VA_ARGS__})
#endif
#define GEMM_@_LOW(k) ((k) / 2 + (k) % 2 * LANES)
#define GEMM_@_HIGH(k) ((LANES + (k)) / 2 + (k) % 2 * LANES)
/* Transposes the LANES x LANES block x: each round interleaves its first half of rows with
   its second. */
GEMM_INLINE void gemm_@_transpose(@v *x)
{
    GEMM_UNROLL
    for (int round = 1; round < LANES; round *= 2) {
        @v y[LANES];
        GEMM_UNROLL
        for (int i = 0; i < LANES / 2; ++i) {
            y[2 * i] = GEMM_@_ZIP(x[i], x[LANES / 2 + i], GRAPHDL_EACH_#(GEMM_@_LOW));
            y[2 * i + 1] = GEMM_@_ZIP(x[i], x[LANES / 2 + i], GRAPHDL_EACH_#(GEMM_@_HIGH));
        }
        GEMM_UNROLL
        for (int i = 0; i < LANES; ++i) {
            x[i] = y[i];
        }
    }
}
#else
GEMM_INLINE void gemm_@_transpose(@v *x)
{
    (void)x;
}
#endif"""

_PACK = """\
/* to[p * width + r] = from[r * s_r + p * s_p] for p < k, r < used; 0 for used <= r < width. */
GEMM_SHARED void gemm_@_pack(
    int64_t k, int64_t width, int64_t used, const $ *from, int64_t s_r, int64_t s_p,
    $ *to)
{
    int64_t done = 0;
    if (s_p == 1) {
        for (; done < used; done += LANES) {
            const int64_t rows = used - done < LANES ? used - done : LANES;
            const int64_t room = width - done < LANES ? width - done : LANES;
            for (int64_t p = 0; p < k; p += LANES) {
                const int64_t cols = k - p < LANES ? k - p : LANES;
                const $ *const x = from + done * s_r + p;
                $ *const y = to + p * width + done;
                @v block[LANES];
                if (cols == LANES) {
                    GEMM_UNROLL
                    for (int r = 0; r < LANES; ++r) {
                        block[r] = r < rows ? @v_load(x + r * s_r) : @v_set(0);
                    }
                } else {
                    GEMM_UNROLL
                    for (int r = 0; r < LANES; ++r) {
                        block[r] = r < rows ? @v_load_n(x + r * s_r, cols) : @v_set(0);
                    }
                }
                gemm_@_transpose(block);
                if (room == LANES && cols == LANES) {
                    GEMM_UNROLL
                    for (int c = 0; c < LANES; ++c) {
                        @v_store(y + c * width, block[c]);
                    }
                } else {
                    GEMM_UNROLL
                    for (int c = 0; c < LANES; ++c) {
                        if (c < cols) {
                            @v_store_n(y + c * width, block[c], room);
                        }
                    }
                }
            }
        }
    }
    const int64_t kept = done < used ? used : done;
    for (int64_t p = 0; p < k; ++p) {
        const $ *const x = from + p * s_p;
        $ *const y = to + p * width;
        for (int64_t r = done; r < used; ++r) {
            y[r] = x[r * s_r];
        }
        for (int64_t r = kept; r < width; ++r) {
            y[r] = 0;
        }
    }
}"""

_SPREAD = """\
/* Spreads k rows of `used` contiguous elements over panels of `width` columns, a constant at
   every call; panels are `panel` elements apart and padded with 0. */
GEMM_INLINE void gemm_@_spread(
    int64_t k, const int width, int64_t used, const $ *from, int64_t s_p,
    $ *to, int64_t panel)
{
    for (int64_t p = 0; p < k; ++p) {
        const $ *x = from + p * s_p;
        $ *y = to + p * width;
        int64_t r = 0;
        for (; r + width <= used; r += width) {
            for (int c = 0; c + LANES <= width; c += LANES) {
                @v_store(y + c, @v_load(x + c));
            }
            if (width % LANES) {
                const int c = width / LANES * LANES;
                @v_store_n(y + c, @v_load_n(x + c, width % LANES), width % LANES);
            }
            x += width;
            y += panel;
        }
        if (r < used) {
            for (int64_t c = 0; c < width; ++c) {
                y[c] = c < used - r ? x[c] : 0;
            }
        }
    }
}"""

_DOT = """\
/* sum over p < k of x[p] * y[p] */
GEMM_SHARED $ gemm_@_dot(int64_t k, const $ *x, const $ *y)
{
    @v sum[4];
    GEMM_UNROLL
    for (int v = 0; v < 4; ++v) {
        sum[v] = @v_set(0);
    }
    int64_t p = 0;
    for (; k - p >= 4 * LANES; p += 4 * LANES) {
        GEMM_UNROLL
        for (int v = 0; v < 4; ++v) {
            sum[v] += @v_load(x + p + v * LANES) * @v_load(y + p + v * LANES);
        }
    }
    for (; k - p >= LANES; p += LANES) {
        sum[0] += @v_load(x + p) * @v_load(y + p);
    }
    $ lane[LANES];
    @v_store(lane, (sum[0] + sum[1]) + (sum[2] + sum[3]));
    $ total = 0;
    for (int v = 0; v < LANES; ++v) {
        total += lane[v];
    }
    for (; p < k; ++p) {
        total += x[p] * y[p];
    }
    return total;
}"""

_TEXTS = {
    "block": _BLOCK,
    "edge": _EDGE,
    "transpose": _TRANSPOSE,
    "pack": _PACK,
    "spread": _SPREAD,
    "dot": _DOT,
}
_NEEDS = {"edge": ("block",), "pack": ("transpose",)}
_C_TYPE = {"f32": "float", "f64": "double"}
_WORD = {"f32": "W4", "f64": "W8"}
_INDEX = {"f32": "i32", "f64": "i64"}


def c_type(dtype: str) -> str:
    """Return the C scalar type of a dtype."""
    return _C_TYPE[dtype]


def lanes(dtype: str) -> str:
    """Return the macro that holds the lanes of one vector."""
    return f"{dtype.upper()}_LANES"


def functions(dtype: str, names: set[str]) -> list[str]:
    """Return the shared definitions behind ``names``, each before its users.

    Parameters
    ----------
    names
        Keys of the table above. Equal requests give equal text, so a file keeps one copy
        by dropping duplicates.
    """
    wanted = set(names)
    for name in names:
        wanted.update(_NEEDS.get(name, ()))
    texts = [_UNROLL] if wanted else []
    for name, text in _TEXTS.items():
        if name in wanted:
            text = text.replace("LANES", lanes(dtype)).replace("%v", f"{_INDEX[dtype]}v")
            text = text.replace("GRAPHDL_EACH_#", f"GRAPHDL_EACH_{_WORD[dtype]}")
            texts.append(text.replace("@", dtype).replace("$", _C_TYPE[dtype]))
    return texts
