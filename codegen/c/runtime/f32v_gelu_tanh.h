/* requires: types f32v_abs f32v_clip_ f32v_exp_sum_ f32v_le f32v_lost_ f32v_scale_ f32v_select f32v_set */
/* x sigmoid(u) = max(x, 0) - a e / (1 + e) for a = |x|, e = exp(-u(a)), u = 1.596 a + 0.0714 a^3;
   u is taken in two parts, constants too, and the power of two is multiplied last, as in silu. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_gelu_tanh(f32v x) {
    const f32v near = f32v_clip_(x, -11.0f, 11.0f), a = f32v_abs(near);
    const f32v one = f32v_set(1.59576917f), three = f32v_set(0.0713548139f), square = a * a;
    const f32v more = square * three, more_low = f32v_lost_(square, three, more)
        + (f32v_lost_(a, a, square) * three + square * 2.39883247e-09f);
    const f32v sum = one + more, added = sum - one;
    const f32v sum_low = ((one - (sum - added)) + (more - added)) + (more_low - 4.53406805e-08f);
    const f32v high = a * sum, low = f32v_lost_(a, sum, high) + a * sum_low;
    f32v n;
    const f32v mantissa = 1.0f + f32v_exp_sum_(-high, -low, &n);
    const f32v tail = mantissa / (1.0f + f32v_scale_(mantissa, n));
    const f32v less = f32v_scale_(near * tail, n);
    return f32v_select(f32v_le(x, f32v_set(0.0f)), less, x - less);
}
#else
GRAPHDL_FN f32v f32v_gelu_tanh(f32v x) {
    const double near = x < -20.0f ? -20.0 : (double)x;
    const double e = exp(-fabs(near * (1.5957691216057308 + 0.071354816272600249 * (near * near))));
    return (f32v)(near * ((x < 0.0f ? e : 1.0) / (1.0 + e)));
}
#endif
