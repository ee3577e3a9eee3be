/* requires: types f64v_upper_lane_ */
/* both modes */
/* 1 / (x + rest) as its upper 26 bits and what these lack, to 78 bits. */
static inline double f64v_inverse_lane_(double x, double rest, double *low) {
    const double whole = 1 / x, high = f64v_upper_lane_(whole), upper = f64v_upper_lane_(x);
    *low = ((1 - high * upper) - high * ((x - upper) + rest)) * whole;
    return high;
}
