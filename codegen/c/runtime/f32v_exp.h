/* requires: types f32v_clip_ f32v_exp_part_ f32v_scale_ */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_exp(f32v x) {
    f32v n;
    const f32v part = f32v_exp_part_(f32v_clip_(x, -104.0f, 89.0f), &n);
    return f32v_scale_(1.0f + part, n);
}
#else
GRAPHDL_FN f32v f32v_exp(f32v x) { return expf(x); }
#endif
