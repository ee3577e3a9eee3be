/* requires: types f64v_lost_ */
/* both modes */
/* (1 + change) exp(x^2/2) Phi(-x) for x >= 0. With w = (x - 6) / (x + 6) Phi(-x) exp(x^2/2) (1 + x)
   is a polynomial of w, minimax, relative 2^-56.3 (Remez exchange in 60 digits); what the sums and
   the quotient have lost is put back. */
GRAPHDL_FN f64v f64v_gelu_tail_(f64v x, f64v change) {
    const f64v w = (x - 6.0) / (x + 6.0), w2 = w * w, w4 = w2 * w2, w8 = w4 * w4;
    const f64v q01 = 0.015955200271127942 - w * 0.085025362305770708;
    const f64v q23 = 0.039811424562430218 - w * 0.0043733867795945867;
    const f64v q45 = w * 0.022592467062820146 - 0.016141517332219558;
    const f64v q67 = w * 0.01324686415361764 - 0.019766479219484094;
    const f64v q89 = w * 0.0029356555193425682 - 0.0070598194265234374;
    const f64v qab = w * 0.00011948966054096505 - 0.00086899463031347296;
    const f64v qcd = 3.7794762891130291e-05 - w * 2.6353456333744792e-05;
    const f64v qef = 4.4127374338824574e-06 + w * 1.7840545906868811e-06;
    const f64v qgh = w * -9.046613375860404e-10 - 1.0000520692950976e-06;
    const f64v qij = 1.3267407936960432e-07 - w * 1.9551597959414102e-08;
    const f64v qkl = w * 2.7483447215423593e-09 - 1.5650855346992823e-08;
    const f64v low = (q01 + w2 * q23) + w4 * (q45 + w2 * q67);
    const f64v mid = (q89 + w2 * qab) + w4 * (qcd + w2 * qef);
    const f64v high = (qgh + w2 * qij) + w4 * (qkl + w2 * 1.5048010518393452e-09);
    const f64v rest = low + w8 * (mid + w8 * high);
    const f64v d = 1.0 + x, missing = x - (d - 1.0), inverse = 1.0 / d;
    const f64v more = rest + (0.4375 + rest) * change, above = 0.4375 + more;
    const f64v tail = above * inverse;
    const f64v off = ((more - (above - 0.4375)) - f64v_lost_(tail, d, above)) - tail * missing;
    return tail + off * inverse;
}
