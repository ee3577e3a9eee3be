/* requires: types f64v_abs f64v_clip_ f64v_exp_part_ f64v_lt f64v_scale_ f64v_select f64v_set */
/* x tanh(softplus(x)) = x n / (n + 2) with n = exp(x) (exp(x) + 2), in powers of e = exp(-|x|).
   The quotient is 1 less another one, whose errors count little; e (e + 2) stands above it below 0,
   and the power of two of e is multiplied last, as in silu. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_mish(f64v x) {
    f64v n;
    const f64v one = f64v_set(1.0), zero = f64v_set(0.0);
    const f64v mantissa = 1.0 + f64v_exp_part_(f64v_clip_(-f64v_abs(x), -760.0, 0.0), &n);
    const f64v e = f64v_scale_(mantissa, n), square = e * e, twice = e + e;
    const m64v below = f64v_lt(x, zero);
    const f64v far = 1.0 + (twice + 2.0 * square);
    const f64v sum = f64v_select(below, 2.0 + (twice + square), far);
    const f64v rest = 1.0 - f64v_select(below, e + square, 2.0 * square) / sum;
    const f64v near = f64v_select(f64v_lt(x, f64v_set(-760.0)), f64v_set(-760.0), x);
    const f64v value = (near * f64v_select(below, mantissa, one)) * rest;
    return f64v_scale_(value, f64v_select(below, n, zero));
}
#else
GRAPHDL_FN f64v f64v_mish(f64v x) {
    const double near = x < -800.0 ? -800.0 : x, tail = near < -600.0 ? 200.0 : 0.0;
    const double e = exp(-fabs(near + tail));
    if (tail > 0.0) return near * e * 1.3838965267367376e-87;
    if (x < 0.0) return near * e * ((e + 2.0) / (2.0 + e * (2.0 + e)));
    return near * ((1.0 + 2.0 * e) / (1.0 + 2.0 * e * (1.0 + e)));
}
#endif
