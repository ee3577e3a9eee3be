"""x times the logistic function."""

NAME = "_silu"
TEXT = '''
def _silu(x, out):
    """Store x / (1 + exp(-x))."""
    _by_pieces(_silu_single if out.dtype == np.float32 else _silu_double, x, out)


def _silu_single(x, out):
    """Store it as float32: float64 has digits to spare."""
    near = np.maximum(np.asarray(x, np.float64), -700.0)
    e = np.exp(np.negative(near))
    e += 1.0
    np.copyto(out, np.divide(near, e, out=e), "same_kind")


def _silu_double(x, out):
    """Store it as float64; where exp(x) loses bits, exp(x + 37) has all, x exp(x) too."""
    tail = np.less(x, -75.0)
    near = np.where(tail, x + 37.0, x)
    e = np.exp(-np.abs(near))
    share = np.where(near < 0, e, 1.0) / (1.0 + e)
    np.multiply(np.maximum(x, -1e3), share, out=out)
    np.multiply(out, 8.533047625744066e-17, out=out, where=tail)
'''
