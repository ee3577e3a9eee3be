/* requires: types */
/* exp(r) - 1 where exp(x + more) = 2^n exp(r) for a tiny `more`: n = x / ln 2 rounded, r = x + more
   - n ln 2 with ln 2 in two parts: n times the first is exact, and so is `first`. exp(r) = 1 + r +
   r^2 P(r), where the rounded r is good enough for the last term only. P is minimax for |r| <=
   ln(2) / 2, relative 2^-60.3 (Remez exchange in 60 digits,
   then rounded). */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_exp_sum_(f64v x, f64v more, f64v *power) {
    const f64v n = (x * 1.4426950408889634 + 0x1.8p52) - 0x1.8p52;
    const f64v first = x - n * 0.6931471805601177, second = n * -1.7239444525614835e-13 - more;
    const f64v r = first - second, r2 = r * r, r4 = r2 * r2;
    const f64v p01 = 0.5 + r * 0.16666666666666682;
    const f64v p23 = 0.041666666666666095 + r * 0.0083333333333170338;
    const f64v p45 = 0.0013888888889115579 + r * 0.00019841269896383565;
    const f64v p67 = 2.480158692673285e-05 + r * 2.7557234862290064e-06;
    const f64v p89 = 2.7557581766047559e-07 + r * 2.5112036677914794e-08;
    const f64v high = (p45 + r2 * p67) + r4 * (p89 + r2 * 2.0826651216832625e-09);
    const f64v p = (p01 + r2 * p23) + r4 * high;
    *power = n;
    return first + (r2 * p - second);
}
#else
#endif
