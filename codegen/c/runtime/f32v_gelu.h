/* requires: types f32v_abs f32v_clip_ f32v_exp_sum_ f32v_le f32v_lost_ f32v_scale_ f32v_select f32v_set */
/* x Phi(x) = max(x, 0) - a Phi(-a) for a = |x|. With w = (a - 4) / (a + 4), exp(a^2/2) Phi(-a)
   (1 + a) is a polynomial of w, minimax, relative 2^-28.3 (Remez exchange in 60 digits, then
   rounded coefficient by coefficient, the rest refitted). The square is taken in two parts,
   exactly, and the power of two is multiplied last: a Phi(-a) has all its bits where Phi(-a) has
   lost some. */
#if GRAPHDL_SIMD
GRAPHDL_FN f32v f32v_gelu(f32v x) {
    const f32v near = f32v_clip_(x, -14.5f, 14.5f), a = f32v_abs(near), half = 0.5f * a;
    const f32v high = half * a, low = f32v_lost_(half, a, high);
    const f32v w = (a - 4.0f) / (a + 4.0f), w2 = w * w, w4 = w2 * w2;
    const f32v q01 = w * -0.0967034623f + 0.00330320676f;
    const f32v q23 = 0.0139996083f + w * 0.0285998937f;
    const f32v q45 = w * 0.0179403014f - 0.0321975797f;
    const f32v q67 = w * -0.000301635591f - 0.00500239944f;
    const f32v q89 = 0.000690126093f - w * 6.62236198e-05f;
    const f32v qhigh = (q45 + w2 * q67) + w4 * (q89 - w2 * 7.40898395e-05f);
    const f32v rest = (q01 + w2 * q23) + w4 * qhigh;
    f32v n;
    const f32v part = f32v_exp_sum_(-high, -low, &n);
    const f32v tail = (0.46875f + (rest + (0.46875f + rest) * part)) / (1.0f + a);
    const f32v less = f32v_scale_(near * tail, n);
    return f32v_select(f32v_le(x, f32v_set(0.0f)), less, x - less);
}
#else
GRAPHDL_FN f32v f32v_gelu(f32v x) {
    const double near = x < -20.0f ? -20.0 : (double)x;
    return (f32v)(near * (0.5 * erfc(near * -0.70710678118654752)));
}
#endif
