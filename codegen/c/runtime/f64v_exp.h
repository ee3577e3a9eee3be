/* requires: types f64v_clip_ f64v_exp_part_ f64v_scale_ */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_exp(f64v x) {
    f64v n;
    const f64v part = f64v_exp_part_(f64v_clip_(x, -746.0, 710.0), &n);
    return f64v_scale_(1.0 + part, n);
}
#else
GRAPHDL_FN f64v f64v_exp(f64v x) { return exp(x); }
#endif
