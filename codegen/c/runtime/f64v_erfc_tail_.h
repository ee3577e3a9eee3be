/* requires: types f64v_lost_ */
/* both modes */
/* (1 + change) exp(x^2) erfc(x) for x >= 0.5. With w = (x - 4) / (x + 4) and d = 1 + 2 x, erfc(x)
   exp(x^2) d = 1.23 + w Q(w), Q minimax, relative 2^-57.3 (Remez exchange in 60 digits); what the
   sums and the quotient have lost is `low`. */
GRAPHDL_FN f64v f64v_erfc_tail_(f64v x, f64v change, f64v *low) {
    const f64v w = (x - 4.0) / (x + 4.0), w2 = w * w, w4 = w2 * w2, w8 = w4 * w4;
    const f64v q01 = w * 0.01537965210261899 - 0.1396211168405625;
    const f64v q23 = 0.068097054254690245 - w * 0.10103906603625121;
    const f64v q45 = 0.093732834998453599 - w * 0.0663303658136737;
    const f64v q67 = 0.037167515535410277 - w * 0.01619773403740974;
    const f64v q89 = 0.0050319700011586203 - w * 0.00075777345483344456;
    const f64v qab = w * 0.00015062252153557801 - 0.00019925685457657154;
    const f64v qcd = w * -1.1224801247852748e-05 - 2.4398495273456764e-05;
    const f64v qef = 5.7075753338282733e-06 + w * 2.9966538989531672e-07;
    const f64v qgh = w * 6.6932885202583627e-08 - 8.2113011652674601e-07;
    const f64v qij = 1.0460948829219863e-07 - w * 1.2191171191841026e-08;
    const f64v high = (qgh + w2 * qij) - w4 * 1.013317681148614e-08;
    const f64v mid = (q89 + w2 * qab) + w4 * (qcd + w2 * qef);
    const f64v q = ((q01 + w2 * q23) + w4 * (q45 + w2 * q67)) + w8 * (mid + w8 * high);
    const f64v twice = x + x, d = twice + 1.0, missing = 1.0 - (d - twice), inverse = 1.0 / d;
    const double first = 1.2329951186255526;
    const f64v rest = w * q - 4.3782061369893076e-17, more = rest + (first + rest) * change;
    const f64v above = first + more, tail = above * inverse;
    const f64v off = ((more - (above - first)) - f64v_lost_(tail, d, above)) - tail * missing;
    *low = off * inverse;
    return tail;
}
