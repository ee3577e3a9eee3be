"""The first-order linear recurrence."""

NAME = "_linear_recurrence"
TEXT = '''

def _linear_recurrence(a, b, axis, exclusive, out):
    """Store the states of h = a * h + b along an axis, or those before each step."""
    a, b = (np.moveaxis(np.broadcast_to(v, out.shape), axis, 0) for v in (a, b))
    h = np.moveaxis(out, axis, 0)
    if exclusive:
        h[:1].fill(0.0)
        a, b, h = a[:-1], b[:-1], h[1:]
    h[:1] = b[:1]
    for i in range(1, len(h)):
        np.multiply(a[i], h[i - 1], out=h[i, ...])
        np.add(h[i], b[i], out=h[i, ...])
'''
