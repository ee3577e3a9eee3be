"""The place of the largest or smallest element so far."""

NAME = "_running_winner"
TEXT = '''

def _running_winner(x, places, better, axis, out):
    """Store the place of the winner up to each step: the first at ties, NaN before all."""
    best = np.moveaxis(better.accumulate(x, axis=axis), axis, 0)
    first = np.zeros(best.shape, np.int64)
    changes = (best[1:] != best[:-1]) & (best[:-1] == best[:-1])
    steps = np.arange(1, len(best)).reshape((-1,) + (1,) * (best.ndim - 1))
    np.multiply(changes, steps, out=first[1:])
    np.maximum.accumulate(first, axis=0, out=first)
    np.copyto(np.moveaxis(out, axis, 0), places.reshape(-1)[first])
'''
