/* requires: types f64v_abs f64v_clip_ f64v_copysign_ f64v_exp f64v_lt f64v_select f64v_set */
/* |x| < 1: x + x R(x^2), R minimax, relative 2^-56.3. Above: 1 - exp(-p(|x| - 1)), p minimax for
   -log(erfc(x)) on [1, 6], error 2^-55.9 of erf (Remez exchange in 60 digits); 1 from 6 on. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_erf(f64v x) {
    const f64v a = f64v_abs(x), z = x * x, z2 = z * z, z4 = z2 * z2;
    const f64v r01 = 0.12837916709551259 - z * 0.37612638903183748;
    const f64v r23 = 0.11283791670954857 - z * 0.026866170645072896;
    const f64v r45 = 0.0052239776247808784 - z * 0.00085483269787428346;
    const f64v r67 = 0.00012055331036919498 - z * 1.4925593507269706e-05;
    const f64v r89 = 1.6460972821383026e-06 - z * 1.6350025250436359e-07;
    const f64v rab = 1.4657879910627581e-08 - z * 1.136566580151185e-09;
    const f64v rhigh = (r89 + z2 * rab) + z4 * 5.9452608249146961e-11;
    const f64v r = (r01 + z2 * r23) + z4 * ((r45 + z2 * r67) + z4 * rhigh);

    const f64v t = f64v_clip_(a, 0.0, 6.0) - 1.0, t2 = t * t, t4 = t2 * t2;
    const f64v p01 = 1.8496055099332482 + t * 2.6389675142347775;
    const f64v p23 = 0.84310725635933048 + t * 0.041561098026679844;
    const f64v p45 = t * 0.001977901310785647 - 0.010033825195130842;
    const f64v p67 = t * -2.6295381108139569e-05 - 0.00023731679817558176;
    const f64v p89 = 2.7197238404792073e-05 - t * 9.6690854074419068e-06;
    const f64v pab = 2.1297292196063209e-06 - t * 2.0324783637045455e-07;
    const f64v pcd = t * 3.3692191959986881e-08 - 5.8820053746043281e-08;
    const f64v pef = t * 1.3326135330686581e-09 - 8.5971225245380037e-09;
    const f64v pgh = t * 4.9285879621971773e-12 - 1.2070933192830533e-10;
    const f64v phigh = (pcd + t2 * pef) + t4 * pgh;
    const f64v pmid = (p89 + t2 * pab) + t4 * phigh;
    const f64v p = (p01 + t2 * p23) + t4 * ((p45 + t2 * p67) + t4 * pmid);
    const f64v far = f64v_copysign_(1.0 - f64v_exp(-p), x);
    return f64v_select(f64v_lt(a, f64v_set(1.0)), x + x * r, far);
}
#else
GRAPHDL_FN f64v f64v_erf(f64v x) { return erf(x); }
#endif
