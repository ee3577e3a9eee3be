"""The logistic function."""

NAME = "_sigmoid"
TEXT = '''
def _sigmoid(x, out):
    """Store 1 / (1 + exp(-x)) for x >= 0 and exp(x) / (1 + exp(x)) below: nothing overflows."""
    top = np.exp(np.minimum(x, 0))
    np.abs(x, out=out)
    np.multiply(out, -1.0, out=out)
    np.exp(out, out=out)
    np.add(out, 1, out=out)
    np.divide(top, out, out=out)
'''
