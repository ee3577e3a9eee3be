/* requires: types f64v_log_near_ f64v_select f64v_gt f64v_lt f64v_eq f64v_set */
/* 1 + x = 2^e (1 + f) with f = x 2^-e + (2^-e - 1), where the only rounding is the sum's; e comes
   from the rounded 1 + x. The power is kept four times as large, for e = 1024 to be normal. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_log1p(f64v x) {
    const u64v sum = (u64v)(1.0 + x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
    const u64v biased = sum >> 52;
    const f64v scale = (f64v)((2048u - biased) << 52);
    const f64v f = (x * scale) * 0.25 + (scale * 0.25 - 1.0);
    const f64v e = (f64v)(biased | 0x4330000000000000u) - (0x1p52 + 1023.0);
    f64v result = f64v_log_near_(f, e);
    result = f64v_select(f64v_lt(x, f64v_set(INFINITY)), result, x);
    result = f64v_select(f64v_gt(x, f64v_set(-1.0)), result, x + (double)NAN);
    result = f64v_select(f64v_eq(x, f64v_set(-1.0)), f64v_set(-INFINITY), result);
    return f64v_select(f64v_eq(x, f64v_set(0.0)), x, result);
}
#else
GRAPHDL_FN f64v f64v_log1p(f64v x) { return log1p(x); }
#endif
