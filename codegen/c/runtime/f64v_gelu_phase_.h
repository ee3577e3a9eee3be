/* requires: types f64v_lost_ f64v_set */
/* both modes */
/* sqrt(8 / pi) (x + 0.044715 x^3) for x >= 0, rounded; and what that misses. */
GRAPHDL_FN f64v f64v_gelu_phase_(f64v x, f64v *low) {
    const f64v one = f64v_set(1.5957691216057308), three = f64v_set(0.071354816272600249);
    const f64v square = x * x;
    const f64v more = square * three, more_low = f64v_lost_(square, three, more)
        + (f64v_lost_(x, x, square) * three + square * -6.175149918155315e-19);
    const f64v sum = one + more, added = sum - one;
    const f64v sum_low =
        ((one - (sum - added)) + (more - added)) + (more_low - 9.9693088091109202e-17);
    const f64v high = x * sum;
    *low = f64v_lost_(x, sum, high) + x * sum_low;
    return high;
}
