"""Tests of floats, whatever the strides of the results."""

NAME = "_classify"
TEXT = '''
def _classify(test, x, out):
    """Store test(x). On processors with AVX-512 NumPy 2.4 stores it wrong where out has strides."""
    if out.flags.c_contiguous:
        test(x, out=out)
    else:
        np.copyto(out, test(x))
'''
