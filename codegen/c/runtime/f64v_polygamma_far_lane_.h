/* requires: types */
/* both modes */
/* n! times the sum of (x + k)^-(n+1) over k >= 0, by Euler and Maclaurin, for x from n + 7.5 on. */
static inline double f64v_polygamma_far_lane_(int n, double x) {
    static const double series[] = { /* Bernoulli's numbers B_2j / (2j)! */
        0.083333333333333329, -0.0013888888888888889, 3.3068783068783071e-05,
        -8.2671957671957675e-07, 2.08767569878681e-08, -5.2841901386874932e-10,
        1.3382536530684679e-11, -3.3896802963225829e-13, 8.5860620562778446e-15,
    };
    const double inverse = 1 / x, z = inverse * inverse;
    double lead = 1, total = 0.5, factor = (n + 1) * inverse;
    for (int i = 1; i <= n; i++) lead *= i * inverse;
    for (int j = 0; j < 9; j++) {
        total += series[j] * factor;
        factor *= (double)((n + 2 * j + 2) * (n + 2 * j + 3)) * z;
    }
    return lead * (1.0 / n + total * inverse);
}
