/* requires: types */
/* both modes */
/* log |Gamma(x)|; libm's writes a global variable. Gamma(x) Gamma(1 - x) = pi / sin(pi x) leads to
   positive y. log Gamma(2 + t) = t P(t) for |t| <= 1/2, P minimax, relative 2^-55.7 (Remez exchange
   in 60 digits); Gamma(1 + y) = y Gamma(y) leads there, from 8 on it is Stirling's series. */
static inline double f64v_lgamma_lane_(double x) {
    static const double p[] = {
        0.42278433509846713, 0.32246703342411331, -0.067352301053195757, 0.020580808427765957,
        -0.0073855510289251979, 0.0028905103318418142, -0.0011927539013292235,
        0.00050966949510919391, -0.00022315497226514427, 9.945794423747359e-05,
        -4.4923771902459557e-05, 2.0503543556777476e-05, -9.4560789794777012e-06,
        4.3935226613802275e-06, -1.9748263397054722e-06, 8.9989766052990459e-07,
        -5.8061223412828315e-07, 2.9770960790069168e-07,
    };
    double y = x < 0 ? 1 - x : x, value = 0;
    if (isinf(x) || (x <= 0 && x == floor(x))) return INFINITY;
    if (fabs(x) < 0x1p-60) return -log(fabs(x));
    if (y < 8) {
        double product = 1;
        for (; y >= 2.5; product *= y) y -= 1;
        const double t = y < 0.5 ? y : y < 1.5 ? y - 1 : y - 2;
        for (int k = 17; k >= 0; k--) value = value * t + p[k];
        value *= t;
        if (product > 1) value += log(product);
        if (y < 1.5) value -= log1p(t);
        if (y < 0.5) value -= log(y);
    } else {
        static const double stirling[] = {
            0.083333333333333329, -0.0027777777777777779, 0.00079365079365079365,
            -0.00059523809523809529, 0.00084175084175084171, -0.0019175269175269176,
            0.00641025641025641, -0.029550653594771242,
        };
        const double z = 1 / (y * y);
        for (int k = 7; k >= 0; k--) value = value * z + stirling[k];
        value = (y - 0.5) * (log(y) - 1) + (0.41893853320467274 + value / y);
    }
    return x < 0 ? 1.1447298858494002 - log(fabs(sin(3.1415926535897931 * (x - rint(x))))) - value
                 : value;
}
