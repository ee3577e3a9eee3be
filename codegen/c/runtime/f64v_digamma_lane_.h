/* requires: types f64v_cot_lane_ */
/* both modes */
/* The derivative of log |Gamma(x)|: psi(x) = psi(1 - x) - pi cot(pi x) below 0, psi(y + 1) =
   psi(y) + 1/y up to 8, from there the asymptotic series with Bernoulli's numbers. */
static inline double f64v_digamma_lane_(double x) {
    static const double series[] = {
        0.083333333333333329, -0.0083333333333333332, 0.003968253968253968, -0.0041666666666666666,
        0.0075757575757575760, -0.021092796092796094, 0.083333333333333329, -0.44325980392156861,
        3.0539543302701198,
    };
    if (x == 0) return -copysign(INFINITY, x);
    if (x < 0 && x == floor(x)) return NAN;
    const double y = x < 0 ? 1 - x : x, steps = y < 8 ? ceil(8 - y) : 0, far = y + steps;
    const double z = 1 / (far * far);
    double less = 0, value = 0;
    for (double k = steps - 1; k >= 0; k--) less += 1 / (y + k);
    for (int k = 8; k >= 0; k--) value = value * z + series[k];
    value = log(far) - (0.5 / far + z * value) - less;
    return x < 0 ? value - 3.1415926535897931 * f64v_cot_lane_(x) : value;
}
