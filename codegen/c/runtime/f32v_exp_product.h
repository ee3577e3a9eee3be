/* requires: types f32v_abs f32v_clip_ f32v_exp_sum_ f32v_lost_ f32v_lt f32v_scale_ f32v_select f32v_set */
/* exp(a b), the product taken in two parts, exactly: where it is large its rounding would count. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_exp_product(f32v a, f32v b) {
    const f32v high = a * b, zero = f32v_set(0.0f);
    const m32v inside = f32v_lt(f32v_abs(high), f32v_set(104.0f));
    const f32v low = f32v_select(inside, f32v_lost_(a, b, high), zero);
    f32v n;
    const f32v part = f32v_exp_sum_(f32v_clip_(high, -104.0f, 89.0f), low, &n);
    return f32v_scale_(1.0f + part, n);
}
#else
GRAPHDL_FN f32v f32v_exp_product(f32v a, f32v b) { return (f32v)exp((double)a * b); }
#endif
