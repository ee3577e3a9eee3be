/* requires: types f64v_cot_lane_ f64v_digamma_lane_ */
/* both modes */
/* The n-th derivative of digamma, (-1)^(n+1) n! times the sum of (x + k)^-(n+1) over k >= 0: terms
   up to n + 10, the rest by Euler and Maclaurin. Below 0 from 1 - x: what is missing there is the
   n-th derivative of pi cot(pi x), a polynomial of the cotangent whose terms have one sign. */
static inline double f64v_polygamma_lane_(double order, double x) {
    static const double series[] = { /* Bernoulli's numbers B_2j / (2j)! */
        0.083333333333333329, -0.0013888888888888889, 3.3068783068783071e-05,
        -8.2671957671957675e-07, 2.08767569878681e-08, -5.2841901386874932e-10,
        1.3382536530684679e-11, -3.3896802963225829e-13, 8.5860620562778446e-15,
    };
    if (!(order >= 0 && order <= 100 && order == floor(order)) || x == -INFINITY) return NAN;
    if (order == 0) return f64v_digamma_lane_(x);
    const int n = (int)order, odd = n % 2;
    if (x <= 0 && x == floor(x)) {
        return odd ? INFINITY : x == 0 ? -copysign(INFINITY, x) : NAN;
    }
    const double y = x < 0 ? 1 - x : x, steps = y < n + 10 ? ceil(n + 10 - y) : 0, far = y + steps;
    double lead = 1, total = 0.5, factor = (n + 1) / far;
    for (int i = 1; i <= n; i++) lead *= i / far;
    for (int j = 0; j < 9; j++) {
        total += series[j] * factor;
        factor *= ((n + 2 * j + 2) / far) * ((n + 2 * j + 3) / far);
    }
    total = lead * (1.0 / n + total / far);
    for (double k = steps - 1; k >= 0; k--) {
        double term = 1 / (y + k);
        for (int i = 1; i <= n; i++) term *= i / (y + k);
        total += term;
    }
    if (!(x < 0)) return odd ? total : -total;
    double a[103] = {0, 3.1415926535897931};
    const double c = f64v_cot_lane_(x);
    for (int step = 1; step <= n; step++) { /* p becomes -pi (1 + c^2) p' */
        double below = 0;
        for (int i = 0; i <= step + 1; i++) {
            const double own = i * a[i];
            a[i] = -3.1415926535897931 * ((i + 1) * a[i + 1] + below);
            below = own;
        }
    }
    double value = a[n + 1]; /* the cotangent may be infinite: nothing starts from 0 */
    for (int i = n; i >= 0; i--) value = value * c + a[i];
    return -total - value;
}
