/* requires: types f64v_abs f64v_copysign_ f64v_lt f64v_select f64v_set */
/* The exponent is divided by 3 with the mantissa as its fraction, which errs by 4 % at most; each
   of Halley's steps takes the error's third power. The last one starts from 26 bits, whose square
   is exact, so that it errs by little more than its own rounding. */
#if GRAPHDL_SIMD
GRAPHDL_FN f64v f64v_cbrt(f64v x) {
    const f64v size = f64v_abs(x);
    const m64v small = f64v_lt(size, f64v_set(0x1p-1000));
    const f64v a = f64v_select(small, size * 0x1p108, size);
    const f64v bits = (f64v)(((u64v)a >> 32) | 0x4330000000000000u) - 0x1p52;
    const u64v third = (u64v)((bits * 0.33333333333333333 + 715094229.0) + 0x1p52);
    f64v y = (f64v)(third << 32);
    for (int k = 0; k < 2; k++) {
        const f64v s = y * y * (y / a);
        y = y * ((2.0 + s) / (1.0 + 2.0 * s));
    }
    y = (f64v)((u64v)y & 0xfffffffff8000000u);
    const f64v r = a / (y * y);
    y = y + y * ((r - y) / (y + y + r));
    y = f64v_copysign_(f64v_select(small, y * 0x1p-36, y), x);
    const f64v zero = x - x; /* of infinities and NaN it is NaN, and so is the next quotient */
    return f64v_select(f64v_lt(zero / x, f64v_set(1.0)), y, x + x);
}
#else
GRAPHDL_FN f64v f64v_cbrt(f64v x) {
    if (x == 0 || x - x != 0) return x;
    int e;
    const double m = frexp(x, &e);
    const int third = (int)floor(e / 3.0);
    const double a = ldexp(m, e - 3 * third), y = (float)cbrt(a), r = a / (y * y);
    return ldexp(y + y * ((r - y) / (y + y + r)), third);
}
#endif
