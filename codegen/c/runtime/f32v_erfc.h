/* requires: types f32v_clip_ f32v_erf f32v_exp_sum_ f32v_lost_ f32v_lt f32v_scale_ f32v_select f32v_set */
/* 1 - erf(x) below 0.5. Above, with w = (x - 2.5) / (x + 2.5) and d = 1 + 2 x, exp(x^2) erfc(x) d
   is a polynomial of w, minimax, relative 2^-28.2 (Remez exchange in 60 digits, then rounded
   coefficient by coefficient, the rest refitted); the square is taken exactly, in two parts, and
   what the sums and the quotient of the tail have lost is put back. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_erfc(f32v x) {
    const f32v a = f32v_clip_(x, 0.5f, 10.2f), high = a * a, low = f32v_lost_(a, a, high);
    const f32v w = (a - 2.5f) / (a + 2.5f), w2 = w * w, w4 = w2 * w2;
    const f32v q01 = 0.0148381833f - w * 0.122356772f;
    const f32v q23 = w * 0.157630309f - 0.0990243703f;
    const f32v q45 = w * 0.0327552967f - 0.102970652f;
    const f32v q67 = 0.000958374876f - w * 0.00434757303f;
    const f32v q89 = 0.000411480898f + w * 0.000533387589f;
    const f32v rest = (q01 + w2 * q23) + w4 * ((q45 + w2 * q67) + w4 * q89);
    const f32v twice = a + a, d = twice + 1.0f, missing = 1.0f - (d - twice);
    f32v n;
    const f32v more = rest + (1.25f + rest) * f32v_exp_sum_(-high, -low, &n), above = 1.25f + more;
    const f32v inverse = 1.0f / d, tail = above * inverse;
    const f32v off = ((more - (above - 1.25f)) - f32v_lost_(tail, d, above)) - tail * missing;
    const f32v far = f32v_scale_(tail + off * inverse, n);
    return f32v_select(f32v_lt(x, f32v_set(0.5f)), 1.0f - f32v_erf(x), far);
}
#else
GRAPHDL_FN f32v f32v_erfc(f32v x) { return (f32v)erfc(x); }
#endif
