"""Calls of elementwise functions on pieces of arrays."""

NAME = "_by_pieces"
TEXT = '''
def _by_pieces(function, x, out):
    """Call function(x, out) on pieces so small that what it computes in between fits the cache."""
    if x.shape == out.shape and x.flags.c_contiguous and out.flags.c_contiguous:
        x, out = x.reshape(-1), out.reshape(-1)
        for start in range(0, out.size, 4096):
            function(x[start : start + 4096], out[start : start + 4096])
    else:
        function(x, out)
'''
