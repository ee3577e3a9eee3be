/* requires: types f64v_inverse_lane_ f64v_log_lane_ */
/* both modes */
/* The derivative of log |Gamma(x)|. Up to 8, psi(2 + r) for |r| <= 1/2 by a polynomial, absolute
   2^-55.5 (Remez exchange in 60 digits), and psi(y + 1) = psi(y) + 1/y from there; each 1/y in two
   parts, of which the upper ones add up exactly. From 8 on the asymptotic series with Bernoulli's
   numbers, below -8 psi(x) = psi(-x) - 1/x - pi cot(pi x), where pi cot(pi r) = 1/r - 2 r C(r^2),
   C minimax, absolute 2^-53.8. */
static inline double f64v_digamma_lane_(double x) {
    static const double p[] = {
        0.42278433509846713, 0.64493406684822641, -0.20205690315959526, 0.08232323371114153,
        -0.036927755143242647, 0.017343061984184185, -0.0083492773884069251,
        0.0040773562076281836, -0.0020083926585836792, 0.00099457493241428599,
        -0.00049419108398715181, 0.00024608893005975788, -0.0001226910724030156,
        6.123000187424316e-05, -3.0711337454790529e-05, 1.5369392713143619e-05,
        -7.2309348296308046e-06, 3.5630010183133705e-06, -2.628573468942868e-06,
        1.3572136567291275e-06,
    };
    static const double series[] = {
        0.083333333333333329, -0.0083333333333333332, 0.003968253968253968, -0.0041666666666666666,
        0.0075757575757575760, -0.021092796092796094, 0.083333333333333329, -0.44325980392156861,
        3.0539543302701198,
    };
    static const double cotangent[] = {
        0.019934066848226451, 1.0823232337111097, 1.0173430619928086, 1.00407735523103,
        1.0009946336199922, 1.0002439599008812, 1.0001115719894627, 0.99920193920263811,
        1.0092411462632087, 0.92526419145909877, 1.4308929637653547, -0.74401400625476366,
        5.7734898359723124, -7.1501059366031416, 8.0884892266726443,
    };
    if (fabs(x) < 0x1p-60) return -1 / x;
    if (x < 0 && x == floor(x)) return NAN;
    const double n = rint(x), r = x - n;
    double value = 0, high = 0, low = 0, part = 0;
    if (fabs(x) < 8) {
        const double sign = n > 2 ? 1 : -1, end = n > 2 ? n : 2;
        for (double k = n > 2 ? 2 : n; k < end; k++) {
            const double d = k + r;
            if (k == 0) continue;
            high += f64v_inverse_lane_(d, (k - d) + r, &part);
            low += part;
        }
        for (int k = 19; k >= 0; k--) value = value * r + p[k];
        if (n > 0) return sign * high + (value + sign * low);
        high += f64v_inverse_lane_(r, 0, &part);
        return (value - (low + part)) - high;
    }
    const double y = fabs(x), z = 1 / (y * y);
    for (int k = 8; k >= 0; k--) value = value * z + series[k];
    value *= z;
    if (x > 0) return log(x) - (0.5 / x + value);
    double c = 0;
    for (int k = 14; k >= 0; k--) c = c * (r * r) + cotangent[k];
    high = (f64v_log_lane_(y, &low) - f64v_inverse_lane_(r, 0, &part)) + 3.25 * r;
    return high + (2 * r * c + (((0.5 / y - value) + low) - part));
}
