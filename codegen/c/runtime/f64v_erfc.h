/* requires: types f64v_clip_ f64v_erf f64v_erfc_tail_ f64v_exp_sum_ f64v_lost_ f64v_lt f64v_scale_ f64v_select f64v_set */
/* 1 - erf(x) below 0.5, else exp(-x^2) times a tail without cancellation; the square is taken in
   two parts, exactly: its upper part is the product rounded, its lower what that has lost. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_erfc(f64v x) {
    const f64v a = f64v_clip_(x, 0.5, 27.3), high = a * a;
    f64v n, low;
    const f64v part = f64v_exp_sum_(-high, -f64v_lost_(a, a, high), &n);
    const f64v tail = f64v_erfc_tail_(a, part, &low), far = f64v_scale_(tail + low, n);
    return f64v_select(f64v_lt(x, f64v_set(0.5)), 1.0 - f64v_erf(x), far);
}
#else
GRAPHDL_FN f64v f64v_erfc(f64v x) {
    const double high = x * x;
    double e, tail, low, y;
    if (x < 0.5) return 1.0 - erf(x);
    if (x > 28.0) return 0.0;
    e = exp(-high);
    tail = f64v_erfc_tail_(x, -f64v_lost_(x, x, high), &low);
    y = e * tail;
    return y + (f64v_lost_(e, tail, y) + e * low);
}
#endif
