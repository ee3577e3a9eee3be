/* requires: types */
/* exp(r) - 1 where exp(x + more) = 2^n exp(r) for a tiny `more`: n = x / ln 2 rounded, r = x + more
   - n ln 2 with ln 2 in two parts: n times the first is exact, and so is `first`. exp(r) = 1 + r +
   r^2 P(r), where the rounded r is good enough for the last term only. P is minimax for |r| <=
   ln(2) / 2, relative 2^-28.2 (Remez exchange in 60 digits,
   then rounded coefficient by coefficient, the rest refitted). */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_exp_sum_(f32v x, f32v more, f32v *power) {
    const f32v n = (x * 1.44269504f + 0x1.8p23f) - 0x1.8p23f;
    const f32v first = x - n * 0.693145752f, second = n * 1.42860677e-6f - more;
    const f32v r = first - second, r2 = r * r;
    const f32v low = 0.49999994f + r * 0.166665167f;
    const f32v high = (0.0416681059f + r * 0.0083691394f) + r2 * 0.00138367165f;
    *power = n;
    return first + (r2 * (low + r2 * high) - second);
}
#else
#endif
