/* requires: types f64v_cot_slope_lane_ f64v_digamma_lane_ f64v_inverse_lane_ f64v_polygamma_far_lane_ f64v_times_lane_ */
/* both modes */
/* The n-th derivative of digamma, (-1)^(n+1) n! times the sum of (x + k)^-(n+1) over k >= 0: the
   terms with |x + k| < n + 8 one by one, the largest in two parts, as below 0 they cancel for even
   n; the rest, on both sides, by Euler and Maclaurin. Where too much cancels from 1 - x. */
static inline double f64v_polygamma_lane_(double order, double x) {
    if (!(order >= 0 && order <= 100 && order == floor(order)) || !(x > -INFINITY)) return NAN;
    if (order == 0) return f64v_digamma_lane_(x);
    const int n = (int)order, odd = n % 2;
    const double nearest = rint(x), r = x - nearest, last = n + 7, first = fmax(nearest, -last);
    if (nearest > last) {
        const double value = f64v_polygamma_far_lane_(n, x);
        return odd ? value : -value;
    }
    if (nearest <= 0) {
        if (r == 0) return odd ? INFINITY : x == 0 ? -copysign(INFINITY, x) : NAN;
        double pole = 1 / r;
        for (int i = 1; i <= n && fabs(r) < 0.0625; i++) pole *= i / r;
        if (!(fabs(pole) < 0x1p1020)) return odd ? pole : -pole;
    }
    if (x < 0 && n > 4 && !odd) {
        return f64v_polygamma_lane_(order, 1 - x) - f64v_cot_slope_lane_(n, x);
    }
    double factorial = 1, factorial_low = 0, high = 0, low = 0, far[220], power[220];
    for (int i = 2; i <= n; i++) factorial = f64v_times_lane_(factorial, &factorial_low, i, 0);
    int count = 0;
    for (double k = last; k >= first; k--) {
        const double d = k + r;
        if (fabs(d) > 1.25 + 0.35 * n) {
            far[count++] = d;
            continue;
        }
        double term = factorial, term_low = factorial_low, inverse_low;
        double inverse = f64v_inverse_lane_(d, (k - d) + r, &inverse_low);
        for (int bits = n + 1; bits; bits >>= 1) {
            if (bits & 1) term = f64v_times_lane_(term, &term_low, inverse, inverse_low);
            if (bits > 1) inverse = f64v_times_lane_(inverse, &inverse_low, inverse, inverse_low);
        }
        const double sum = high + term, back = sum - high;
        low += ((high - (sum - back)) + (term - back)) + term_low;
        high = sum;
    }
    for (int i = 0; i < count; i++) {
        far[i] = 1 / far[i];
        power[i] = 1;
    }
    for (int bits = n + 1; bits; bits >>= 1) {
        if (bits & 1) {
            for (int i = 0; i < count; i++) power[i] *= far[i];
        }
        for (int i = 0; i < count; i++) far[i] *= far[i];
    }
    double rest = 0;
    for (int i = 0; i < count; i++) rest += power[i];
    low += rest * (factorial + factorial_low) + f64v_polygamma_far_lane_(n, r + n + 8);
    if (nearest < -last) {
        const double other = f64v_polygamma_far_lane_(n, n + 8 - r);
        const double less = f64v_polygamma_far_lane_(n, 1 - x);
        low += odd ? other - less : less - other;
    }
    return odd ? high + low : -(high + low);
}
