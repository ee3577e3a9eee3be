/* requires: types f64v_log_near_ f64v_select f64v_gt f64v_lt f64v_eq f64v_set */
/* x = 2^e (1 + f), split at 1/sqrt(2) in the bits; denormals are scaled by 2^54 first. The
   biased exponent becomes a float as the low bits of 2^52. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_log(f64v x) {
    const m64v tiny = f64v_lt(x, f64v_set(0x1p-1022));
    const u64v scaled = (u64v)f64v_select(tiny, x * 0x1p54, x);
    const u64v bits = scaled + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    const f64v bias = f64v_select(tiny, f64v_set(0x1p52 + 1077.0), f64v_set(0x1p52 + 1023.0));
    const f64v e = (f64v)((bits >> 52) | 0x4330000000000000u) - bias;
    const f64v f = (f64v)((bits & 0xfffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0;
    f64v result = f64v_log_near_(f, e);
    result = f64v_select(f64v_lt(x, f64v_set(INFINITY)), result, x);
    result = f64v_select(f64v_gt(x, f64v_set(0.0)), result, x + (double)NAN);
    return f64v_select(f64v_eq(x, f64v_set(0.0)), f64v_set(-INFINITY), result);
}
#else
GRAPHDL_FN f64v f64v_log(f64v x) { return log(x); }
#endif
