/* requires: types f32v_abs f32v_copysign_ f32v_lt f32v_select f32v_set */
/* As in float64, from 12 bits at the end. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_cbrt(f32v x) {
    const f32v size = f32v_abs(x);
    const m32v small = f32v_lt(size, f32v_set(0x1p-100f));
    const f32v a = f32v_select(small, size * 0x1p48f, size);
    const f32v bits = (f32v)(((u32v)a >> 8) | 0x4b000000u) - 0x1p23f;
    const u32v third = (u32v)((bits * 0.333333333f + 2773276.0f) + 0x1p23f);
    f32v y = (f32v)(third << 8);
    for (int k = 0; k < 2; k++) {
        const f32v s = y * y * (y / a);
        y = y * ((2.0f + s) / (1.0f + 2.0f * s));
    }
    y = (f32v)((u32v)y & 0xfffff000u);
    const f32v r = a / (y * y);
    y = y + y * ((r - y) / (y + y + r));
    y = f32v_copysign_(f32v_select(small, y * 0x1p-16f, y), x);
    const f32v zero = x - x; /* of infinities and NaN it is NaN, and so is the next quotient */
    return f32v_select(f32v_lt(zero / x, f32v_set(1.0f)), y, x + x);
}
#else
GRAPHDL_FN f32v f32v_cbrt(f32v x) { return (f32v)cbrt(x); }
#endif
