"""Order kernels as C functions: a stable merge sort of each line, in scratch."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from graphdl.codegen.c.families import SCALAR, SCALAR_TYPES
from graphdl.codegen.c.function import Function, comment_lines, head, mentioned, used_dims
from graphdl.codegen.c.sizes import size_text
from graphdl.codegen.c.values import ValuePrinter, accesses_of, flatten
from graphdl.codegen.lower.memory import ALIGNMENT
from graphdl.codegen.program import Axis, OrderKernel, kernel_roots, used_buffers, walk_values
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dtypes import DType, float64, int64

_KEY = """/* An integer that is ordered like x: both zeros are one, NaN is the largest. */
static int${bits}_t graphdl_key_f${bits}(${float} x) {
    int${bits}_t key;
    if (x != x) return INT${bits}_MAX;
    x += 0;
    memcpy(&key, &x, sizeof key);
    return key < 0 ? key ^ INT${bits}_MAX : key;
}
"""

_SORT = """/* Sorts n keys, and their places in step: short runs, then merges from one half of the
   arrays to the other. Equal keys keep their order. Returns the places. */
static const int64_t *graphdl_order_${bits}(int${bits}_t *key, int64_t *at, int64_t n) {
    int${bits}_t *to_key = key + n;
    int64_t *to_at = at + n;
    for (int64_t k = 0; k < n; k++) {
        const int${bits}_t value = key[k];
        int64_t place = k;
        for (; place % 8 != 0 && key[place - 1] > value; place--) {
            key[place] = key[place - 1];
            at[place] = at[place - 1];
        }
        key[place] = value;
        at[place] = k;
    }
    for (int64_t width = 8; width < n; width *= 2) {
        for (int64_t start = 0; start < n; start += 2 * width) {
            const int64_t middle = start + width < n ? start + width : n;
            const int64_t end = middle + width < n ? middle + width : n;
            int64_t i = start, j = middle, k = start;
            if (middle < end && key[middle - 1] > key[middle]) {
                while (i < middle && j < end) {
                    const int64_t right = key[j] < key[i], from = i ^ ((i ^ j) & -right);
                    to_key[k] = key[from];
                    to_at[k++] = at[from];
                    j += right;
                    i += 1 - right;
                }
            }
            for (; i < middle; i++, k++) {
                to_key[k] = key[i];
                to_at[k] = at[i];
            }
            for (; j < end; j++, k++) {
                to_key[k] = key[j];
                to_at[k] = at[j];
            }
        }
        int${bits}_t *const other_key = key;
        int64_t *const other_at = at;
        key = to_key, to_key = other_key;
        at = to_at, to_at = other_at;
    }
    return at;
}
"""


def order_function(kernel: OrderKernel, name: str, maxima: Mapping[str, int]) -> Function:
    """Return the C function of an order kernel."""
    roots, stores = kernel_roots(kernel), [s.access for s in kernel.stores]
    values = ValuePrinter(SCALAR, None, {a: flatten(a) for a in accesses_of(roots, stores)})
    bits, to_key, helpers = _key(kernel.value.dtype)
    count = size_text(kernel.axis.size)
    body = [f"{_loop(kernel.axis)} {{"]
    body += [f"    {values.statement(v, None)}" for v in walk_values([kernel.value])]
    sign = "~" if kernel.descending else ""
    key = f"{sign}{to_key}({values.names[kernel.value]})"
    places = f"const int64_t *const g_order = graphdl_order_{bits}(g_key, scratch, {count});"
    body += [f"    g_key[{kernel.axis.name}] = {key};", "}", places, f"{_loop(kernel.axis)} {{"]
    values.names[kernel.result] = f"g_order[{kernel.axis.name}]"
    body += [f"    {values.store(a, kernel.result, None)}" for a in stores]
    body.append("}")
    for axis in reversed(kernel.axes):
        body = [f"{_loop(axis)} {{", *(f"    {line}" for line in body), "}"]
    keys = f"int{bits}_t *const g_key = (int{bits}_t *)(void *)(scratch + 2*{count});"
    lines = [f"    {line}" for line in (keys, *body)]
    buffers = list(used_buffers(kernel))
    axes = [*kernel.axes, kernel.axis]
    dims = mentioned(used_dims(buffers, axes, roots), lines)
    opening = head(name, buffers, [a.buffer for a in stores], dims)[:-1]
    longest = upper_bound(kernel.axis.size, maxima)
    return Function(
        name,
        [*comment_lines(kernel.comment), f"{opening}, int64_t *scratch) {{", *lines, "}"],
        buffers,
        tuple(dims),
        helpers,
        scratch=max(-(-longest * (16 + bits // 4) // ALIGNMENT) * ALIGNMENT, ALIGNMENT),
        scratch_type="int64_t",
        strategy="merge sort",
    )


def _loop(axis: Axis) -> str:
    return f"for (int64_t {axis.name} = 0; {axis.name} < {size_text(axis.size)}; {axis.name}++)"


def _key(dtype: DType) -> tuple[int, str, list[str]]:
    """Return the width of keys, the function that makes one, and what must stand before."""
    bits = 64 if dtype in (float64, int64) else 32
    sort = Template(_SORT).substitute(bits=bits)
    if not dtype.is_float:
        return bits, "", [sort]
    key = Template(_KEY).substitute(bits=bits, float=SCALAR_TYPES[dtype])
    return bits, f"graphdl_key_f{bits}", [key, sort]
