/* requires: types f32v_abs f32v_copysign_ f32v_expm1 */
/* With t = expm1(-2|x|), in (-1, 0]: tanh |x| = -t / (t + 2). */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_tanh(f32v x) {
    const f32v t = f32v_expm1(-2.0f * f32v_abs(x));
    return f32v_copysign_(t / (t + 2.0f), x);
}
#else
GRAPHDL_FN f32v f32v_tanh(f32v x) { return tanhf(x); }
#endif
