"""x times tanh of softplus."""

NAME = "_mish"
TEXT = '''
def _mish(x, out):
    """Store x n / (n + 2), n = exp(x) (exp(x) + 2); if exp(x) loses bits, exp(x + 37) has all."""
    tail = np.less(x, -75.0)
    near = np.where(tail, x + 37.0, x)
    below, e = near < 0, np.exp(-np.abs(near))
    top = np.where(below, e + 2.0, 1.0 + 2.0 * e)
    share = top / np.where(below, e * (e + 2.0) + 2.0, 1.0 + 2.0 * e * (1.0 + e))
    np.multiply(np.maximum(x, -1e3), np.where(below, e, 1.0) * share, out=out)
    np.multiply(out, 8.533047625744066e-17, out=out, where=tail)
'''
