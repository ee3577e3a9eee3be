/* requires: types f64v_cot_lane_ */
/* both modes */
/* The n-th derivative of pi cot(pi x): a polynomial of the cotangent whose terms have one sign. */
static inline double f64v_cot_slope_lane_(int n, double x) {
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
    return value;
}
