/* requires: types */
/* e ln 2 + log(1 + f) for 1/sqrt(2) <= 1 + f <= sqrt(2): log(1 + f) = f - f^2/2 + f^3 Q(f), Q
   minimax, relative 2^-27.3 (Remez exchange in 60 digits); ln 2 in two parts. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_log_near_(f32v f, f32v e) {
    const f32v f2 = f * f, f4 = f2 * f2;
    const f32v q01 = 0.333333313f - f * 0.250008225f;
    const f32v q23 = 0.200012594f - f * 0.166233465f;
    const f32v q45 = 0.142010763f - f * 0.131595239f;
    const f32v q67 = 0.1276564f - f * 0.0764110908f;
    const f32v q = (q01 + f2 * q23) + f4 * (q45 + f2 * q67);
    const f32v small = (f * f2) * q + e * 1.42860677e-6f;
    return (f + (small - 0.5f * f2)) + e * 0.693145752f;
}
#else
#endif
