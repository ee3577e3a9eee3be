/* requires: types f64v_upper_lane_ */
/* both modes */
/* The product of two numbers of which the upper 26 bits stand alone; so does its own. */
static inline double f64v_times_lane_(double a, double *low, double b, double b_low) {
    const double product = a * b, rest = a * b_low + *low * (b + b_low);
    const double high = f64v_upper_lane_(product + rest);
    *low = (product - high) + rest;
    return high;
}
