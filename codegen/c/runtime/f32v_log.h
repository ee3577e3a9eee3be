/* requires: types f32v_log_near_ f32v_select f32v_gt f32v_lt f32v_eq f32v_set */
/* x = 2^e (1 + f), split at 1/sqrt(2) in the bits; denormals are scaled by 2^24 first. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_log(f32v x) {
    const m32v tiny = f32v_lt(x, f32v_set(0x1p-126f));
    const u32v bits = (u32v)f32v_select(tiny, x * 0x1p24f, x) - 0x3f3504f3u;
    const f32v bias = f32v_select(tiny, f32v_set(24.0f), f32v_set(0.0f));
    const f32v e = __builtin_convertvector((i32v)bits >> 23, f32v) - bias;
    const f32v f = (f32v)((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    f32v result = f32v_log_near_(f, e);
    result = f32v_select(f32v_lt(x, f32v_set(INFINITY)), result, x);
    result = f32v_select(f32v_gt(x, f32v_set(0.0f)), result, x + NAN);
    return f32v_select(f32v_eq(x, f32v_set(0.0f)), f32v_set(-INFINITY), result);
}
#else
GRAPHDL_FN f32v f32v_log(f32v x) { return logf(x); }
#endif
