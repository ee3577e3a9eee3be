"""The derivatives of digamma."""

NAME = "_polygamma"
TEXT = '''
_BERNOULLI = (  # B_2j / (2j)!
    1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000,
    1 / 74724249600, -3617 / 10670622842880000, 43867 / 5109094217170944000,
)


def _hurwitz(n, y):
    """Return n! times the sum of (y + k)^-(n+1), by Euler and Maclaurin from n + 10 on."""
    far = y + np.ceil(np.maximum(n + 10.0 - y, 0.0))
    lead, total, factor = np.ones_like(y), np.full_like(y, 0.5), (n + 1.0) / far
    for i in range(1, n + 1):
        lead *= i / far
    for j, coefficient in enumerate(_BERNOULLI):
        total += coefficient * factor
        factor = factor * ((n + 2 * j + 2) / far) * ((n + 2 * j + 3) / far)
    total = lead * (1.0 / n + total / far)
    for k in range(n + 9, -1, -1):
        term = 1.0 / (y + k)
        for i in range(1, n + 1):
            term = term * (i / (y + k))
        total += np.where(y + k < far, term, 0.0)
    return total


def _cotangent(x):
    """Return cot(pi x): the nearer of a zero and a pole is subtracted first; finite at poles."""
    r = x - np.rint(x)
    other = np.tan(np.pi * (np.copysign(0.5, r) - r))
    return np.clip(np.where(np.abs(r) < 0.25, 1 / np.tan(np.pi * r), other), -1e308, 1e308)


def _slopes_of_cotangent(n, x):
    """Return the n-th derivative of pi cot(pi x), a polynomial p of the cotangent."""
    p = np.poly1d([np.pi, 0.0])
    for _ in range(n):
        p = np.poly1d([-np.pi, 0.0, -np.pi]) * p.deriv()
    return p(_cotangent(x))


def _polygamma(n, x, out):
    """Store the derivative of digamma whose order is n, a whole number from 1 to 100."""
    n, x = np.broadcast_arrays(n, np.asarray(x, np.float64))
    result = np.full(x.shape, np.nan)
    for order in np.unique(n[(n >= 1) & (n <= 100) & (n == np.floor(n))]).astype(int).tolist():
        value = _hurwitz(order, np.where(x < 0, 1.0 - x, x))
        if order % 2:
            value = np.where(x < 0, -value - _slopes_of_cotangent(order, x), value)
            pole = np.inf
        else:
            value = np.where(x < 0, -value - _slopes_of_cotangent(order, x), -value)
            pole = np.where(x == 0, -np.copysign(np.inf, x), np.nan)
        value = np.where((x <= 0) & (x == np.floor(x)), pole, value)
        result = np.where(n == order, value, result)
    np.copyto(out, np.where(x == -np.inf, np.nan, result), "same_kind")
'''
