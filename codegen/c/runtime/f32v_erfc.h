/* requires: types f32v_clip_ f32v_erf f32v_exp_part_ f32v_lt f32v_scale_ f32v_select f32v_set */
/* 1 - erf(x) below 0.5. Above, with w = (x - 2) / (x + 2) and d = 1 + 2 x, exp(x^2) erfc(x) d is a
   polynomial of w, minimax, relative 2^-25.8 (Remez exchange in 60 digits, then rounded
   coefficient by coefficient, the rest refitted); the square is taken exactly, in two parts, and
   what the rounded d misses is taken off in the same sum as its lower part. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_erfc(f32v x) {
    const f32v a = f32v_clip_(x, 0.5f, 10.2f), high = a * a;
    const f32v upper = (f32v)((u32v)a & 0xfffff000u), lower = a - upper;
    const f32v low = ((upper * upper - high) + (upper + upper) * lower) + lower * lower;
    const f32v w = (a - 2.0f) / (a + 2.0f), w2 = w * w, w4 = w2 * w2;
    const f32v q01 = w * -0.166029677f - 0.0927635357f;
    const f32v q23 = 0.164041713f - w * 0.0542281494f;
    const f32v q45 = w * 0.0087357508f - 0.00794536527f;
    const f32v q67 = 0.00094776554f - w * 0.00137185748f;
    const f32v q = (q01 + w2 * q23) + w4 * (q45 + w2 * q67);
    const f32v twice = a + a, d = twice + 1.0f, missing = 1.0f - (d - twice);
    const f32v rest = w * q, less = (1.27697837f + rest) * (low + missing / d);
    const f32v tail = (1.27697837f + (rest - less)) / d;
    f32v n;
    const f32v part = f32v_exp_part_(-high, &n), far = f32v_scale_(tail + tail * part, n);
    return f32v_select(f32v_lt(x, f32v_set(0.5f)), 1.0f - f32v_erf(x), far);
}
#else
GRAPHDL_FN f32v f32v_erfc(f32v x) { return (f32v)erfc(x); }
#endif
