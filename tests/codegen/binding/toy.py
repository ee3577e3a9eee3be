"""A library written by hand in the form that bindings load, and arguments for it."""

import numpy as np

from graphdl.codegen.toolchain.spec import ArraySpec

SOURCE = r"""
#include <stddef.h>
#include <stdint.h>

/* scale: y = s x, t = sum of all y, n = calls so far */
int toy_call_scale(void *context, const int64_t *dims, void *const *arrays)
{
    const float *x = arrays[0];
    const double *s = arrays[1];
    const int32_t *labels = arrays[2];
    float *y = arrays[3], *total = arrays[4];
    int64_t *calls = arrays[5], *state = context;
    *total = 0;
    for (int64_t i = 0; i < dims[0]; i++)
        if (labels[i] < 0)
            return 7;
    for (int64_t i = 0; i < dims[0] * 3; i++)
        *total += y[i] = (float)(x[i] * *s);
    *calls = ++state[0];
    return 0;
}

/* count: a read, a wait and a write, which show calls that overlap */
int toy_call_count(void *context, const int64_t *dims, void *const *arrays)
{
    volatile int64_t *state = context;
    int64_t seen = state[0];
    (void)dims;
    for (volatile int i = 0; i < 20000; i++) {
    }
    state[0] = seen + 1;
    *(int64_t *)arrays[0] = seen;
    return 0;
}

/* pack: sizes that are rules */
int toy_call_pack(void *context, const int64_t *dims, void *const *arrays)
{
    const int64_t *pairs = arrays[1];
    int64_t *out = arrays[2];
    (void)context;
    for (int64_t i = 0; i < 2 * dims[0] + 1; i++)
        out[i] = pairs[i < 2 * dims[0] ? i : 0];
    return 0;
}

/* inner: two dims, bool and uint8 */
int toy_call_inner(void *context, const int64_t *dims, void *const *arrays)
{
    const uint8_t *a = arrays[0], *b = arrays[1];
    uint8_t *out = arrays[2];
    (void)context;
    for (int64_t i = 0; i < dims[1]; i++) {
        out[i] = 0;
        for (int64_t j = 0; j < dims[0]; j++)
            out[i] |= a[j] & b[j * dims[1] + i];
    }
    return 0;
}

size_t toy_context_bytes(void) { return 64; }
void *toy_init(void *memory, size_t bytes)
{
    return bytes < 64 || (uintptr_t)memory % 64 ? NULL : memory;
}
const char *toy_error(int code) { return code == 7 ? "a label is negative" : NULL; }
"""

F32, F64, I32, I64 = (np.dtype(name) for name in ("float32", "float64", "int32", "int64"))
SCALE = (
    [ArraySpec("x", F32, ("N", 3)), ArraySpec("s", F64, ()), ArraySpec("labels", I32, ("N",))],
    [ArraySpec("y", F32, ("N", 3)), ArraySpec("total", F32, ()), ArraySpec("calls", I64, ())],
    [("N", 8)],
)


def batch(n: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.arange(3 * n, dtype=F32).reshape(n, 3)
    return x, np.array(2.0), np.zeros(n, I32)


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


X, S, LABELS = batch()
