/* requires: types f32v_clip_ f32v_set */
/* expm1(x) = 2^n q + (2^n - 1) with q = expm1(r), n and r as in exp. q = r + r^2 P(r): P minimax
   for |r| <= ln(2) / 2, relative to q 2^-28.7 (Remez exchange in 60 digits). Half of 2^n is used,
   so that n = 128 does not overflow early. The sign is copied, for -0. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_expm1(f32v x) {
    const f32v y = f32v_clip_(x, -18.0f, 89.0f);
    const f32v shifted = y * 1.44269504f + 0x1.8p23f;
    const f32v n = shifted - 0x1.8p23f;
    const f32v first = y - n * 0.693145752f, second = n * 1.42860677e-6f;
    const f32v r = first - second, r2 = r * r;
    const f32v low = 0.5f + r * 0.166666657f;
    const f32v high = 0.0416663587f + r * 0.00833338965f;
    const f32v top = 0.00139407197f + r * 0.000198458365f;
    const f32v q = first + (r2 * (low + r2 * (high + r2 * top)) - second);
    const u32v exponent = ((u32v)shifted - (u32v)f32v_set(0x1.8p23f) + 126u) << 23;
    const f32v half = (f32v)exponent;
    const f32v result = 2.0f * (half * q + (half - 0.5f));
    return (f32v)((u32v)result | ((u32v)x & 0x80000000u));
}
#else
GRAPHDL_FN f32v f32v_expm1(f32v x) { return expm1f(x); }
#endif
