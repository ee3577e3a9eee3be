/* requires: types f64v_abs f64v_clip_ f64v_exp_sum_ f64v_gelu_phase_ f64v_le f64v_scale_ f64v_select f64v_set */
/* x sigmoid(u) = max(x, 0) - a e / (1 + e) for a = |x|, e = exp(-u(a)), u = 1.596 a + 0.0714 a^3;
   u is taken in two parts, and the power of two is multiplied last, as in silu. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_gelu_tanh(f64v x) {
    const f64v near = f64v_clip_(x, -22.0, 22.0);
    f64v low, n;
    const f64v high = f64v_gelu_phase_(f64v_abs(near), &low);
    const f64v mantissa = 1.0 + f64v_exp_sum_(-high, -low, &n);
    const f64v tail = mantissa / (1.0 + f64v_scale_(mantissa, n));
    const f64v less = f64v_scale_(near * tail, n);
    return f64v_select(f64v_le(x, f64v_set(0.0)), less, x - less);
}
#else
GRAPHDL_FN f64v f64v_gelu_tanh(f64v x) {
    const double near = x < -22.0 ? -22.0 : x > 22.0 ? 22.0 : x;
    double low;
    const double high = f64v_gelu_phase_(fabs(near), &low), shift = high > 600.0 ? 200.0 : 0.0;
    const double e = exp(shift - high), y = near * ((e - e * low) / (1.0 + e));
    const double less = shift > 0.0 ? y * 1.3838965267367376e-87 : y;
    return x <= 0.0 ? less : x - less;
}
#endif
