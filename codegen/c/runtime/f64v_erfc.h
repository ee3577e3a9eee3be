/* requires: types f64v_clip_ f64v_erf f64v_erfc_tail_ f64v_exp_sum_ f64v_lost_ f64v_lt f64v_scale_ f64v_select f64v_set */
/* 1 - erf(x) below 0.5, else exp(-x^2) times a tail without cancellation; the square is taken in
   two parts, exactly: its upper part is the product rounded, its lower what that has lost. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_erfc(f64v x) {
    const f64v a = f64v_clip_(x, 0.5, 27.3), high = a * a, low = f64v_lost_(a, a, high);
    f64v n, d;
    const f64v above = f64v_erfc_tail_(a, f64v_exp_sum_(-high, -low, &n), &d);
    const f64v far = f64v_scale_(above / d, n);
    return f64v_select(f64v_lt(x, f64v_set(0.5)), 1.0 - f64v_erf(x), far);
}
#else
GRAPHDL_FN f64v f64v_erfc(f64v x) {
    const double high = x * x, low = f64v_lost_(x, x, high);
    double e, above, d, product, quotient;
    if (x < 0.5) return 1.0 - erf(x);
    if (x > 28.0) return 0.0;
    e = exp(-high);
    above = f64v_erfc_tail_(x, -low, &d);
    product = e * above;
    quotient = product / d; /* the errors of both are put back */
    return quotient + (f64v_lost_(e, above, product) - f64v_lost_(quotient, d, product)) / d;
}
#endif
