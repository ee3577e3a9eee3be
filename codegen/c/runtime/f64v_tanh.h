/* requires: types f64v_abs f64v_copysign_ f64v_exp f64v_lt f64v_select f64v_set */
/* both modes */
/* |x| < 9/16: x + x^3 R(x^2), R minimax, relative to tanh 2^-57.1 (Remez exchange in 60 digits).
   Above: 1 - 2 u / (1 + u) with u = exp(-2 |x|), whose errors shrink with u. */
GRAPHDL_FN f64v f64v_tanh(f64v x) {
    const f64v z = x * x, z2 = z * z, z4 = z2 * z2, a = f64v_abs(x), u = f64v_exp(-2.0 * a);
    const f64v r01 = z * 0.13333333333323133 - 0.33333333333333276;
    const f64v r23 = z * 0.021869488327290201 - 0.05396825396172495;
    const f64v r45 = z * 0.0035920822518458683 - 0.008863231637387654;
    const f64v r67 = z * 0.00058818368544218233 - 0.0014554796521181166;
    const f64v r89 = z * 8.2361034142927709e-05 - 0.00023271630084867342;
    const f64v high = (r45 + z2 * r67) + z4 * (r89 - z2 * 1.8904021738025819e-05);
    const f64v r = (r01 + z2 * r23) + z4 * high;
    const f64v far = 1.0 - (u + u) / (1.0 + u);
    const f64v size = f64v_select(f64v_lt(a, f64v_set(0.5625)), a + (a * z) * r, far);
    return f64v_copysign_(size, x);
}
