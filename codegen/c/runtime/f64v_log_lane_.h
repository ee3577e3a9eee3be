/* requires: types f64v_upper_lane_ */
/* both modes */
/* log x in two parts, for normal x: x = 2^e (1 + f), split at 1/sqrt(2) in the bits, log(1 + f) =
   2 atanh(s) with s = f / (2 + f) to multiples of 2^-29 and what these lack; the polynomial is that
   of the logarithm of vectors. The upper part is exact, the lower good to 2^-59. */
static inline double f64v_log_lane_(double x, double *low) {
    union { double value; uint64_t bits; } m = {x};
    const uint64_t bits = m.bits + (UINT64_C(0x3ff0000000000000) - UINT64_C(0x3fe6a09e667f3bcd));
    const double e = (double)(int)(bits >> 52) - 1023;
    m.bits = (bits & UINT64_C(0xfffffffffffff)) + UINT64_C(0x3fe6a09e667f3bcd);
    const double f = m.value - 1, inverse = 1 / (2 + f), whole = f * inverse;
    const double s = (whole + 0x1.8p23) - 0x1.8p23, upper = f64v_upper_lane_(f);
    const double rest = ((f - 2 * s) - s * upper) - s * (f - upper), z = whole * whole, z2 = z * z;
    const double q01 = 0.6666666666666734 + z * 0.39999999999416408;
    const double q23 = 0.28571428742006361 + z * 0.22222198611755481;
    const double q45 = 0.18183562353450677 + z * 0.15314100186750487;
    const double q = (q01 + z2 * q23) + (z2 * z2) * (q45 + z2 * 0.147954613280496);
    *low = (whole * z) * q + (2 * rest * inverse + e * -1.7239444525614835e-13);
    return e * 0.6931471805601177 + 2 * s;
}
