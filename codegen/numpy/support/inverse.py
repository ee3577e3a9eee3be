"""A reciprocal in two parts."""

NAME = "_inverse"
TEXT = '''
def _inverse(x, rest):
    """Return 1 / (x + rest) as its upper 26 bits and what these lack."""
    whole = 1.0 / x
    high, upper = _upper(whole), _upper(x)
    return high, ((1.0 - high * upper) - high * ((x - upper) + rest)) * whole
'''
