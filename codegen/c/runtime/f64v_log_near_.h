/* requires: types */
/* e ln 2 + log(1 + f) for 1/sqrt(2) <= 1 + f <= sqrt(2). With s = f / (2 + f) and z = s^2,
   log(1 + f) = 2 atanh(s) = 2 s + s z Q(z), Q minimax, relative 2^-62.5 (Remez exchange in 60
   digits); since 2 s = f - s f, this is f - f^2/2 + s (f^2/2 + z Q(z)); ln 2 in two parts. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_log_near_(f64v f, f64v e) {
    const f64v s = f / (2.0 + f), z = s * s, z2 = z * z;
    const f64v q01 = 0.66666666666668095 + z * 0.39999999999017244;
    const f64v q23 = 0.28571428817920208 + z * 0.22222191698566979;
    const f64v q45 = 0.18183888770733167 + z * 0.15306389705965301;
    const f64v q = (q01 + z2 * q23) + (z2 * z2) * (q45 + z2 * 0.14867527998613292);
    const f64v half = 0.5 * f * f;
    const f64v small = s * (half + z * q) + e * -1.7239444525614835e-13;
    return (f - (half - small)) + e * 0.6931471805601177;
}
#else
#endif
