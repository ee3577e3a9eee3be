/* requires: types f32v_abs f32v_clip_ f32v_exp_part_ f32v_lt f32v_scale_ f32v_select f32v_set */
/* x tanh(softplus(x)) = x n / (n + 2) with n = exp(x) (exp(x) + 2), in powers of e = exp(-|x|).
   The quotient is 1 less another one, whose errors count little; e (e + 2) stands above it below 0,
   and the power of two of e is multiplied last, as in silu. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_mish(f32v x) {
    f32v n;
    const f32v one = f32v_set(1.0f), zero = f32v_set(0.0f);
    const f32v mantissa = 1.0f + f32v_exp_part_(f32v_clip_(-f32v_abs(x), -110.0f, 0.0f), &n);
    const f32v e = f32v_scale_(mantissa, n), square = e * e, twice = e + e;
    const m32v below = f32v_lt(x, zero);
    const f32v far = 1.0f + (twice + 2.0f * square);
    const f32v sum = f32v_select(below, 2.0f + (twice + square), far);
    const f32v rest = 1.0f - f32v_select(below, e + square, 2.0f * square) / sum;
    const f32v near = f32v_select(f32v_lt(x, f32v_set(-110.0f)), f32v_set(-110.0f), x);
    const f32v value = (near * f32v_select(below, mantissa, one)) * rest;
    return f32v_scale_(value, f32v_select(below, n, zero));
}
#else
GRAPHDL_FN f32v f32v_mish(f32v x) {
    const double e = exp(-fabs((double)x)), near = x < -200.0f ? -200.0 : (double)x;
    if (x < 0.0f) return (f32v)(near * e * ((e + 2.0) / (2.0 + e * (2.0 + e))));
    return (f32v)(near * ((1.0 + 2.0 * e) / (1.0 + 2.0 * e * (1.0 + e))));
}
#endif
