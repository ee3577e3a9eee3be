"""The upper half of a number."""

NAME = "_upper"
TEXT = '''
def _upper(x):
    """Return the upper 26 bits of each number: products of two such are exact."""
    return (x.view(np.int64) & -(1 << 27)).view(np.float64)
'''
