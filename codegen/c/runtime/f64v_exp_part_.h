/* requires: types f64v_exp_sum_ f64v_set */
/* exp(r) - 1 where exp(x) = 2^n exp(r). */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_exp_part_(f64v x, f64v *power) {
    return f64v_exp_sum_(x, f64v_set(0.0), power);
}
#else
#endif
