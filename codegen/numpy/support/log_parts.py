"""A logarithm in two parts."""

NAME = "_log_parts"
TEXT = '''
# (2 atanh(s) / s - 2) / s^2 by s^2
_ATANH = (
    0.147954613280496, 0.15314100186750487, 0.18183562353450677, 0.22222198611755481,
    0.28571428742006361, 0.39999999999416408, 0.6666666666666734,
)


def _log_parts(x):
    """Return log x in two parts: x = 2^e (1 + f), log(1 + f) = 2 atanh(f / (2 + f))."""
    m, e = np.frexp(x)
    small = m < np.sqrt(0.5)
    f, e = np.where(small, 2.0 * m, m) - 1.0, e - small.astype(np.float64)
    inverse = 1.0 / (2.0 + f)
    whole = f * inverse
    s, upper, z = (whole + 1.5 * 2.0**23) - 1.5 * 2.0**23, _upper(f), whole * whole
    rest = ((f - 2.0 * s) - s * upper) - s * (f - upper)
    low = (whole * z) * np.polyval(_ATANH, z) + (2.0 * rest * inverse - e * 1.7239444525614835e-13)
    return e * 0.6931471805601177 + 2.0 * s, low
'''
