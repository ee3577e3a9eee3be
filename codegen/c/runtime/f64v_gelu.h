/* requires: types f64v_abs f64v_clip_ f64v_exp_sum_ f64v_gelu_tail_ f64v_le f64v_lost_ f64v_scale_ f64v_select f64v_set */
/* x Phi(x) = max(x, 0) - a Phi(-a) for a = |x|, Phi(-a) from its tail without cancellation. The
   square is taken in two parts, exactly, and the power of two is multiplied last: a Phi(-a) has all
   its bits where Phi(-a) has lost some. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_gelu(f64v x) {
    const f64v near = f64v_clip_(x, -39.0, 39.0), a = f64v_abs(near), half = 0.5 * a;
    const f64v high = half * a, low = f64v_lost_(half, a, high);
    f64v n;
    const f64v tail = f64v_gelu_tail_(a, f64v_exp_sum_(-high, -low, &n));
    const f64v less = f64v_scale_(near * tail, n);
    return f64v_select(f64v_le(x, f64v_set(0.0)), less, x - less);
}
#else
GRAPHDL_FN f64v f64v_gelu(f64v x) {
    const double near = x < -39.0 ? -39.0 : x > 39.0 ? 39.0 : x, a = fabs(near), half = 0.5 * a;
    const double high = half * a, low = f64v_lost_(half, a, high);
    const double less = near * f64v_gelu_tail_(a, -low) * exp(-high);
    return x <= 0.0 ? less : x - less;
}
#endif
