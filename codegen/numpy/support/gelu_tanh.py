"""x times the logistic function of a cubic."""

NAME = "_gelu_tanh"
TEXT = '''
def _gelu_tanh(x, out):
    """Store x / (1 + exp(-u)), u = sqrt(8 / pi) (x + 0.044715 x^3) in two parts: max(x, 0) - a e /
    (1 + e) for a = |x|, e = exp(-|u|). Of a its first 13 bits give products that are exact.
    """
    x = np.asarray(x, np.float64)
    near = np.clip(x, -22.0, 22.0)
    size = np.abs(near)
    upper = np.rint(size * 256.0) * 0.00390625
    one, three = upper * 1.5957691216026433, (upper * upper * upper) * 0.07135009765625
    rest = (size - upper) * (1.5957691216057308 + 0.071354816272600249 * (size * size + upper * size + upper * upper))
    rest += upper * 3.0874305383944692e-12 + (upper * upper * upper) * 4.7186163502487764e-06
    u = one + three
    one, three = np.maximum(one, three), np.minimum(one, three)
    rest += three - (u - one)
    tail = u > 600.0
    e = np.exp(np.where(tail, 200.0 - u, -u))
    e *= np.exp(-rest)
    less = near * (e / (1.0 + e))
    np.multiply(less, 1.3838965267367376e-87, out=less, where=tail)
    np.copyto(out, np.where(x > 0, x - less, less), "same_kind")
'''
