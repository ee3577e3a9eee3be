/* requires: types f32v_abs f32v_clip_ f32v_exp_part_ f32v_lt f32v_scale_ f32v_select f32v_set */
/* x sigmoid(x), with e = exp(-|x|) as there. Below 0 the numerator is e, whose power of two is
   multiplied last: x e may have all its bits where e has lost some. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_silu(f32v x) {
    f32v n;
    const f32v one = f32v_set(1.0f), zero = f32v_set(0.0f);
    const f32v mantissa = 1.0f + f32v_exp_part_(f32v_clip_(-f32v_abs(x), -110.0f, 0.0f), &n);
    const m32v below = f32v_lt(x, zero);
    const f32v e = f32v_scale_(mantissa, n), sum = 1.0f + e;
    const f32v quotient = f32v_select(below, mantissa, one) / sum;
    const f32v share = quotient - quotient * (e - (sum - 1.0f));
    const f32v near = f32v_select(f32v_lt(x, f32v_set(-110.0f)), f32v_set(-110.0f), x);
    return f32v_scale_(near * share, f32v_select(below, n, zero));
}
#else
GRAPHDL_FN f32v f32v_silu(f32v x) {
    const double e = exp(-fabs((double)x)), near = x < -200.0f ? -200.0 : (double)x;
    return (f32v)(near * ((x < 0.0f ? e : 1.0) / (1.0 + e)));
}
#endif
