/* requires: types f64v_clip_ f64v_set */
/* expm1(x) = 2^n q + (2^n - 1) with q = expm1(r), n and r as in exp. q = r + r^2 P(r): P minimax
   for |r| <= ln(2) / 2, relative to q 2^-60.0 (Remez exchange in 60 digits). Half of 2^n is used,
   so that n = 1024 does not overflow early. The sign is copied, for -0. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_expm1(f64v x) {
    const f64v y = f64v_clip_(x, -40.0, 710.0);
    const f64v shifted = y * 1.4426950408889634 + 0x1.8p52;
    const f64v n = shifted - 0x1.8p52;
    const f64v first = y - n * 0.6931471805601177, second = n * -1.7239444525614835e-13;
    const f64v r = first - second, r2 = r * r, r4 = r2 * r2;
    const f64v p01 = 0.5 + r * 0.16666666666666677;
    const f64v p23 = 0.041666666666666512 + r * 0.0083333333333216915;
    const f64v p45 = 0.0013888888888962374 + r * 0.00019841269885964772;
    const f64v p67 = 2.4801587172560619e-05 + r * 2.755724437532155e-06;
    const f64v p89 = 2.7557402611510417e-07 + r * 2.5108978481916927e-08;
    const f64v high = (p45 + r2 * p67) + r4 * (p89 + r2 * 2.0875341370296014e-09);
    const f64v p = (p01 + r2 * p23) + r4 * high;
    const f64v q = first + (r2 * p - second);
    const u64v exponent = ((u64v)shifted - (u64v)f64v_set(0x1.8p52) + 1022u) << 52;
    const f64v half = (f64v)exponent;
    const f64v result = 2.0 * (half * q + (half - 0.5));
    return (f64v)((u64v)result | ((u64v)x & 0x8000000000000000u));
}
#else
GRAPHDL_FN f64v f64v_expm1(f64v x) { return expm1(x); }
#endif
