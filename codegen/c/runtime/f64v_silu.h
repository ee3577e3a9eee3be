/* requires: types f64v_abs f64v_clip_ f64v_exp_part_ f64v_lt f64v_scale_ f64v_select f64v_set */
/* x sigmoid(x), with e = exp(-|x|) as there. Below 0 the numerator is e, whose power of two is
   multiplied last: x e may have all its bits where e has lost some. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_silu(f64v x) {
    f64v n;
    const f64v one = f64v_set(1.0), zero = f64v_set(0.0);
    const f64v mantissa = 1.0 + f64v_exp_part_(f64v_clip_(-f64v_abs(x), -760.0, 0.0), &n);
    const m64v below = f64v_lt(x, zero);
    const f64v e = f64v_scale_(mantissa, n), sum = 1.0 + e;
    const f64v quotient = f64v_select(below, mantissa, one) / sum;
    const f64v share = quotient - quotient * (e - (sum - 1.0));
    const f64v near = f64v_select(f64v_lt(x, f64v_set(-760.0)), f64v_set(-760.0), x);
    return f64v_scale_(near * share, f64v_select(below, n, zero));
}
#else
GRAPHDL_FN f64v f64v_silu(f64v x) {
    const double near = x < -800.0 ? -800.0 : x, tail = near < -600.0 ? 200.0 : 0.0;
    const double e = exp(-fabs(near + tail));
    const double y = near * ((x < 0.0 ? e : 1.0) / (1.0 + e));
    return tail > 0.0 ? y * 1.3838965267367376e-87 : y;
}
#endif
