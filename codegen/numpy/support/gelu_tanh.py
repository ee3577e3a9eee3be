"""x times the logistic function of a cubic."""

NAME = "_gelu_tanh"
TEXT = '''
def _gelu_tanh(x, out):
    """Store x / (1 + exp(-u)) with u = sqrt(8 / pi) (x + 0.044715 x^3)."""
    _by_pieces(_gelu_tanh_single if out.dtype == np.float32 else _gelu_tanh_double, x, out)


def _gelu_tanh_single(x, out):
    """Store it as float32: float64 has digits to spare."""
    near = np.maximum(np.asarray(x, np.float64), -1e3)
    u = near * near
    u *= -0.071354816272600249
    u -= 1.5957691216057308
    u *= near
    e = np.exp(np.minimum(u, 700.0, out=u), out=u)
    e += 1.0
    np.copyto(out, np.divide(near, e, out=e), "same_kind")


def _gelu_tanh_double(x, out):
    """Store max(x, 0) - a e / (1 + e) for a = |x|, e = exp(-|u|), |u| as high + low: what goes into
    high are 13 bits of a and so many of the constants that products are exact.
    """
    x = np.asarray(x, np.float64)
    near = np.clip(x, -22.0, 22.0)
    size = np.abs(near)
    upper = np.rint(size * 256.0) * 0.00390625
    cube = upper * upper * upper
    one, three = upper * 1.5957691216026433, cube * 0.07135009765625
    high = one + three
    low = np.minimum(one, three) - (high - np.maximum(one, three))
    low += upper * 3.0874305383944692e-12 + cube * 4.7186163502487764e-06
    square = size * size + upper * (size + upper)
    low += (size - upper) * (square * 0.071354816272600249 + 1.5957691216057308)
    tail = high > 600.0
    e = np.exp(np.where(tail, 200.0, 0.0) - high) * np.exp(-low)
    less = near * (e / (1.0 + e))
    less = np.where(tail, less * 1.3838965267367376e-87, less)
    np.copyto(out, np.where(x > 0, x - less, less), "same_kind")
'''
