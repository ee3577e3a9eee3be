"""x times tanh of softplus."""

NAME = "_mish"
TEXT = '''
def _mish(x, out):
    """Store x n / (n + 2) with n = exp(x) (exp(x) + 2)."""
    _by_pieces(_mish_single if out.dtype == np.float32 else _mish_double, x, out)


def _mish_single(x, out):
    """Store it as float32: float64 has digits to spare."""
    near = np.maximum(np.asarray(x, np.float64), -700.0)
    e = np.exp(np.minimum(near, 300.0))
    n = (e + 2.0) * e
    near *= n
    n += 2.0
    np.copyto(out, np.divide(near, n, out=n), "same_kind")


def _mish_double(x, out):
    """Store it as float64; where exp(x) loses bits, exp(x + 37) has all."""
    tail = np.less(x, -75.0)
    near = np.where(tail, x + 37.0, x)
    below, e = near < 0, np.exp(-np.abs(near))
    top = np.where(below, e + 2.0, 1.0 + 2.0 * e)
    share = top / np.where(below, e * (e + 2.0) + 2.0, 1.0 + 2.0 * e * (1.0 + e))
    np.multiply(np.maximum(x, -1e3), np.where(below, e, 1.0) * share, out=out)
    np.multiply(out, 8.533047625744066e-17, out=out, where=tail)
'''
