/* requires: types f32v_abs f32v_clip_ f32v_copysign_ f32v_exp f32v_lt f32v_select f32v_set */
/* |x| < 1: x + x R(x^2), R minimax, relative 2^-29.2. Above: 1 - exp(-p(|x|)), p minimax for
   -log(erfc(x)) on [1, 4], error 2^-29.8 of erf (Remez exchange in 60 digits); 1 from 4 on. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_erf(f32v x) {
    const f32v a = f32v_abs(x), z = x * x, z2 = z * z, b = f32v_clip_(a, 0.0f, 4.0f), b2 = b * b;
    const f32v r01 = 0.128379166f - z * 0.37612626f;
    const f32v r23 = 0.112835787f - z * 0.0268534329f;
    const f32v r45 = 0.00518759433f - z * 0.000800443406f;
    const f32v r = (r01 + z2 * r23) + (z2 * z2) * (r45 + z2 * 7.83824435e-5f);
    const f32v p01 = 0.000341591396f + b * 1.1270889f;
    const f32v p23 = 0.638145328f + b * 0.103106298f;
    const f32v p45 = b * 0.00294759101f - 0.021837825f;
    const f32v p = (p01 + b2 * p23) + (b2 * b2) * (p45 - b2 * 0.000186371282f);
    const f32v far = f32v_copysign_(1.0f - f32v_exp(-p), x);
    return f32v_select(f32v_lt(a, f32v_set(1.0f)), x + x * r, far);
}
#else
GRAPHDL_FN f32v f32v_erf(f32v x) { return erff(x); }
#endif
