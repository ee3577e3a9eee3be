/* requires: types f64v_log_lane_ f64v_times_lane_ f64v_upper_lane_ */
/* both modes */
/* log |Gamma(x)|; libm's writes a global variable. Up to 8, log Gamma(2 + r) = r P(r) for |r| <=
   1/2, P minimax, relative 2^-55.7 (Remez exchange in 60 digits), and Gamma(y + 1) = y Gamma(y)
   from there, the product in two parts. From 8 on Stirling's series, below -8 Gamma(x) Gamma(-x) =
   -pi / (x sin(pi x)), where -log(sin(pi r) / (pi r)) = z V(z), z = r^2, V minimax, absolute
   2^-56.2; with logarithms in two parts, as the sum may cancel. */
static inline double f64v_lgamma_lane_(double x) {
    static const double p[] = {
        0.42278433509846713, 0.32246703342411331, -0.067352301053195757, 0.020580808427765957,
        -0.0073855510289251979, 0.0028905103318418142, -0.0011927539013292235,
        0.00050966949510919391, -0.00022315497226514427, 9.945794423747359e-05,
        -4.4923771902459557e-05, 2.0503543556777476e-05, -9.4560789794777012e-06,
        4.3935226613802275e-06, -1.9748263397054722e-06, 8.9989766052990459e-07,
        -5.8061223412828315e-07, 2.9770960790069168e-07,
    };
    static const double stirling[] = {
        0.083333333333333329, -0.0027777777777777779, 0.00079365079365079365,
        -0.00059523809523809529, 0.00084175084175084171, -0.0019175269175269176,
        0.00641025641025641, -0.029550653594771242,
    };
    static const double sine[] = {
        1.6449340668482253, 0.54116161685595665, 0.33911435394638789, 0.25101934210534432,
        0.20019880088290679, 0.1667104340660393, 0.14282074969661512, 0.12552063220468604,
        0.10687263885981325, 0.12466122487547054, -0.0097876693235824045, 0.36155673280197298,
        -0.4036715247930629, 0.49741544573995888,
    };
    const double n = rint(x), r = x - n, y = fabs(x);
    double value = 0, high = 1, low = 0;
    if (isinf(x) || (x <= 0 && r == 0)) return INFINITY;
    if (y < 0x1p-60) return -log(y);
    if (y < 8) {
        const double end = n > 2 ? n : 2;
        for (double k = n > 2 ? 2 : n; k < end; k++) {
            const double d = k + r, upper = f64v_upper_lane_(d);
            high = f64v_times_lane_(high, &low, upper, (d - upper) + ((k - d) + r));
        }
        const double product = high + low, rest = ((high - product) + low) / product;
        for (int k = 17; k >= 0; k--) value = value * r + p[k];
        return n > 2 ? log(product) + (value * r + rest) : value * r - rest - log(fabs(product));
    }
    if (y > 0x1p60) return y * (log(y) - 1);
    const double z = 1 / (y * y), upper = f64v_upper_lane_(y);
    for (int k = 7; k >= 0; k--) value = value * z + stirling[k];
    const double most = f64v_log_lane_(y, &low) - 1, factor = f64v_upper_lane_(most + low);
    low = (most - factor) + low;
    value = upper * low + value / y;
    low = ((y - upper) + (x < 0 ? 0.5 : -0.5)) * (factor + low);
    if (!(x < 0)) return upper * factor + (low + (value + 0.41893853320467274));
    double c = 0;
    for (int k = 13; k >= 0; k--) c = c * (r * r) + sine[k];
    value = low + (value - (r * r) * c);
    high = upper * factor + f64v_log_lane_(fabs(r), &low);
    return -(high + 1.4189385324716568) - (value + (low + 7.330159424639235e-10));
}
