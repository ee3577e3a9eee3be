/* requires: types f32v_abs f32v_exp f32v_lt f32v_select f32v_set */
/* both modes */
/* With e = exp(-|x|): 1 / (1 + e) for x >= 0, e / (1 + e) below, where it keeps all its bits.
   The rounding error of 1 + e is put back into the quotient, near enough. */
GRAPHDL_FN f32v f32v_sigmoid(f32v x) {
    const f32v e = f32v_exp(-f32v_abs(x));
    const f32v top = f32v_select(f32v_lt(x, f32v_set(0.0f)), e, f32v_set(1.0f));
    const f32v sum = 1.0f + e, quotient = top / sum;
    return quotient - quotient * (e - (sum - 1.0f));
}
