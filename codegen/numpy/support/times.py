"""A product in two parts."""

NAME = "_times"
TEXT = '''
def _times(a, a_low, b, b_low):
    """Return the product of two numbers of which the upper 26 bits stand alone, as such a one."""
    product, rest = a * b, a * b_low + a_low * (b + b_low)
    high = _upper(product + rest)
    return high, (product - high) + rest
'''
