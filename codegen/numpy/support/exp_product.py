"""The exponential of a product."""

NAME = "_exp_product"
TEXT = '''
def _exp_product(a, b, out):
    """Store exp(a b), with what the rounded product has lost: a and b in two parts each."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    high = a * b
    result = np.asarray(np.exp(high))
    if out.dtype == np.float64:
        with np.errstate(over="ignore", invalid="ignore"):
            p, q = (x.astype(np.float32).astype(np.float64) for x in (a, b))
            r, s = a - p, b - q
            low = ((p * q - high) + (p * s + r * q)) + r * s
            more = result * low
            np.add(result, more, out=result, where=(np.abs(low) < 1.0) & np.isfinite(result))
    np.copyto(out, result, "same_kind")
'''
