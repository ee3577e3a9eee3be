/* requires: types f64v_abs f64v_clip_ f64v_exp_sum_ f64v_lost_ f64v_lt f64v_scale_ f64v_select f64v_set */
/* exp(a b), the product taken in two parts, exactly: where it is large its rounding would count. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_exp_product(f64v a, f64v b) {
    const f64v high = a * b, zero = f64v_set(0.0);
    const m64v inside = f64v_lt(f64v_abs(high), f64v_set(746.0));
    const f64v low = f64v_select(inside, f64v_lost_(a, b, high), zero);
    f64v n;
    const f64v part = f64v_exp_sum_(f64v_clip_(high, -746.0, 710.0), low, &n);
    return f64v_scale_(1.0 + part, n);
}
#else
GRAPHDL_FN f64v f64v_exp_product(f64v a, f64v b) {
    const double high = a * b, e = exp(high);
    return e > 0.0 && e < (double)INFINITY ? e + e * f64v_lost_(a, b, high) : e;
}
#endif
