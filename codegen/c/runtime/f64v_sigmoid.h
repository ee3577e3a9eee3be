/* requires: types f64v_abs f64v_exp f64v_lt f64v_select f64v_set */
/* both modes */
/* With e = exp(-|x|): 1 / (1 + e) for x >= 0, e / (1 + e) below, where it keeps all its bits.
   The rounding error of 1 + e is put back into the quotient, near enough. */
GRAPHDL_FN f64v f64v_sigmoid(f64v x) {
    const f64v e = f64v_exp(-f64v_abs(x));
    const f64v top = f64v_select(f64v_lt(x, f64v_set(0.0)), e, f64v_set(1.0));
    const f64v sum = 1.0 + e, quotient = top / sum;
    return quotient - quotient * (e - (sum - 1.0));
}
