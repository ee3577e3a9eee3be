/* requires: types f32v_exp_sum_ f32v_set */
/* exp(r) - 1 where exp(x) = 2^n exp(r). */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_exp_part_(f32v x, f32v *power) {
    return f32v_exp_sum_(x, f32v_set(0.0f), power);
}
#else
#endif
