"""Whether numbers are infinite."""

NAME = "_isinf"
TEXT = '''
def _isinf(x, out):
    """Store whether x is infinite."""
    _classify(np.isinf, x, out)
'''
