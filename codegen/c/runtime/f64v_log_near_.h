/* requires: types */
/* e ln 2 + log(1 + f) for 1/sqrt(2) <= 1 + f <= sqrt(2). With s = f / (2 + f) and z = s^2,
   log(1 + f) = 2 atanh(s) = 2 s + s z Q(z), Q minimax, relative 2^-59.3 (Remez exchange in 60
   digits); since 2 s = f - s f, this is f - f^2/2 + s (f^2/2 + z Q(z)); ln 2 in two parts. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_log_near_(f64v f, f64v e) {
    const f64v s = f / (2.0 + f), z = s * s, z2 = z * z;
    const f64v q01 = 0.6666666666666734 + z * 0.39999999999416408;
    const f64v q23 = 0.28571428742006361 + z * 0.22222198611755481;
    const f64v q45 = 0.18183562353450677 + z * 0.15314100186750487;
    const f64v q = (q01 + z2 * q23) + (z2 * z2) * (q45 + z2 * 0.147954613280496);
    const f64v half = 0.5 * f * f;
    const f64v small = s * (half + z * q) + e * -1.7239444525614835e-13;
    return (f - (half - small)) + e * 0.6931471805601177;
}
#else
#endif
