/* requires: types f32v_abs f32v_copysign_ f32v_exp f32v_lt f32v_select f32v_set */
/* both modes */
/* |x| < 9/16: x + x^3 R(x^2), R minimax, relative to tanh 2^-29.4 (Remez exchange in 60 digits).
   Above: 1 - 2 u / (1 + u) with u = exp(-2 |x|), whose errors shrink with u. */
GRAPHDL_FN f32v f32v_tanh(f32v x) {
    const f32v z = x * x, z2 = z * z, a = f32v_abs(x), u = f32v_exp(-2.0f * a);
    const f32v r01 = z * 0.13332437f - 0.333333135f;
    const f32v r23 = z * 0.0210019499f - 0.0538359396f;
    const f32v r = r01 + z2 * (r23 - z2 * 0.00617285911f);
    const f32v far = 1.0f - (u + u) / (1.0f + u);
    const f32v size = f32v_select(f32v_lt(a, f32v_set(0.5625f)), a + (a * z) * r, far);
    return f32v_copysign_(size, x);
}
