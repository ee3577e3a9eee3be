/* requires: types */
/* both modes */
/* cot(pi x) with small relative error: the nearer of a zero and a pole is subtracted first. */
static inline double f64v_cot_lane_(double x) {
    const double pi = 3.1415926535897931, r = x - rint(x);
    return fabs(r) < 0.25 ? 1 / tan(pi * r) : tan(pi * (copysign(0.5, r) - r));
}
