"""Whether numbers are finite."""

NAME = "_isfinite"
TEXT = '''
def _isfinite(x, out):
    """Store whether x is finite."""
    _classify(np.isfinite, x, out)
'''
