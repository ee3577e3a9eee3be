/* requires: types f32v_log_near_ f32v_select f32v_gt f32v_lt f32v_eq f32v_set */
/* 1 + x = 2^e (1 + f) with f = x 2^-e + (2^-e - 1), where the only rounding is the sum's; e comes
   from the rounded 1 + x. The power is kept four times as large, for e = 128 to be normal. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_log1p(f32v x) {
    const u32v bits = (u32v)(1.0f + x) - 0x3f3504f3u;
    const i32v e = (i32v)bits >> 23;
    const f32v scale = (f32v)((u32v)(129 - e) << 23);
    const f32v f = (x * scale) * 0.25f + (scale * 0.25f - 1.0f);
    f32v result = f32v_log_near_(f, __builtin_convertvector(e, f32v));
    result = f32v_select(f32v_lt(x, f32v_set(INFINITY)), result, x);
    result = f32v_select(f32v_gt(x, f32v_set(-1.0f)), result, x + NAN);
    result = f32v_select(f32v_eq(x, f32v_set(-1.0f)), f32v_set(-INFINITY), result);
    return f32v_select(f32v_eq(x, f32v_set(0.0f)), x, result);
}
#else
GRAPHDL_FN f32v f32v_log1p(f32v x) { return log1pf(x); }
#endif
