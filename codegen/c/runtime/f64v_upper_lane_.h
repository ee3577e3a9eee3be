/* requires: types */
/* both modes */
/* The upper 26 bits of a number. Products of two such are exact: no contraction changes them. */
static inline double f64v_upper_lane_(double x) {
    union { double value; uint64_t bits; } u = {x};
    u.bits &= UINT64_C(0xfffffffff8000000);
    return u.value;
}
