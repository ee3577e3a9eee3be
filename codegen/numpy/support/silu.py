"""x times the logistic function."""

NAME = "_silu"
TEXT = '''
def _silu(x, out):
    """Store x / (1 + exp(-x)); where exp(x) loses bits, exp(x + 37) has all, x exp(x) too."""
    tail = np.less(x, -75.0)
    near = np.where(tail, x + 37.0, x)
    e = np.exp(-np.abs(near))
    share = np.where(near < 0, e, 1.0) / (1.0 + e)
    np.multiply(np.maximum(x, -1e3), share, out=out)
    np.multiply(out, 8.533047625744066e-17, out=out, where=tail)
'''
