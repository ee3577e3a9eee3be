"""Whether numbers are NaN."""

NAME = "_isnan"
TEXT = '''
def _isnan(x, out):
    """Store whether x is NaN."""
    _classify(np.isnan, x, out)
'''
