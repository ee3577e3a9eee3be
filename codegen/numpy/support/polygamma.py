"""The derivatives of digamma."""

NAME = "_polygamma"
TEXT = '''
_BERNOULLI = (  # B_2j / (2j)!
    1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000,
    1 / 74724249600, -3617 / 10670622842880000, 43867 / 5109094217170944000,
)


def _hurwitz(n, x):
    """Return n! times the sum of (x + k)^-(n+1), by Euler and Maclaurin: for x from n + 7.5 on."""
    inverse = 1.0 / x
    z, lead, total, factor = inverse * inverse, 1.0, 0.5, (n + 1.0) * inverse
    for i in range(1, n + 1):
        lead = lead * (i * inverse)
    for j, coefficient in enumerate(_BERNOULLI):
        total = total + coefficient * factor
        factor = factor * ((n + 2 * j + 2.0) * (n + 2 * j + 3.0) * z)
    return lead * (1.0 / n + total * inverse)


def _power(base, low, n, start, start_low):
    """Return start times base to the whole number n, both in two parts."""
    while n:
        if n & 1:
            start, start_low = _times(start, start_low, base, low)
        n >>= 1
        if n:
            base, low = _times(base, low, base, low)
    return start, start_low


def _slopes_of_cotangent(n, x):
    """Return the n-th derivative of pi cot(pi x), a polynomial of the cotangent."""
    r = x - np.rint(x)
    other = np.tan(np.pi * (np.copysign(0.5, r) - r))
    c = np.clip(np.where(np.abs(r) < 0.25, 1 / np.tan(np.pi * r), other), -1e308, 1e308)
    p = np.poly1d([np.pi, 0.0])
    for _ in range(n):
        p = np.poly1d([-np.pi, 0.0, -np.pi]) * p.deriv()
    return p(c)


def _central(n, x, last):
    """Return n! times the sum of (x + k)^-(n+1) for x < last + 1/2 where |x + k| is that small."""
    nearest = np.rint(x)
    r, one, zero = x - nearest, np.ones_like(x), np.zeros_like(x)
    pole = 1.0 / r
    for i in range(1, n + 1):
        pole = pole * (i / r)
    factorial, lower = one, zero
    for i in range(2, n + 1):
        factorial, lower = _times(factorial, lower, i * one, zero)
    high, low, rest = zero, zero, zero
    least = int(max(nearest.min(initial=last), -last))
    for k in range(last, least - 1, -1):
        d, taken = k + r, k >= nearest
        if abs(k) > 1.75 + 0.35 * n:
            inverse = term = 1.0 / d
            for bit in f"{n + 1:b}"[1:]:
                term = term * term * inverse if bit == "1" else term * term
            rest = rest + np.where(taken, term, 0.0)
            continue
        term, term_low = _power(*_inverse(d, (k - d) + r), n + 1, factorial, lower)
        term, term_low = np.where(taken, term, 0.0), np.where(taken, term_low, 0.0)
        total = high + term
        back = total - high
        low = low + (((high - (total - back)) + (term - back)) + term_low)
        high = total
    huge = (nearest <= 0) & ~(np.abs(pole) < 2.0**1020)
    low = low + (rest * (factorial + lower) + _hurwitz(n, r + (last + 1.0)))
    other = _hurwitz(n, (last + 1.0) - r) - _hurwitz(n, np.maximum(1.0 - x, last))
    low = low + np.where(nearest < -last, other if n % 2 else -other, 0.0)
    return np.where(huge, pole, high + low)


def _polygamma(n, x, out):
    """Store the derivative of digamma whose order is n, a whole number from 1 to 100."""
    n, x = np.broadcast_arrays(n, np.asarray(x, np.float64))
    result = np.full(x.shape, np.nan)
    for order in np.unique(n[(n >= 1) & (n <= 100) & (n == np.floor(n))]).astype(int).tolist():
        last, odd = order + 7, order % 2
        turned = (x < 0) & (order > 4 and not odd)  # too much would cancel
        y = np.where(turned, 1.0 - x, x)
        value, far = np.empty_like(y), ~(np.rint(y) <= last)
        value[far], value[~far] = _hurwitz(order, y[far]), _central(order, y[~far], last)
        if turned.any():
            value = np.where(turned, value + _slopes_of_cotangent(order, x), value)
        pole = np.inf if odd else np.where(x == 0, -np.copysign(np.inf, x), np.nan)
        value = np.where((x <= 0) & (x == np.floor(x)), pole, value if odd else -value)
        result = np.where(n == order, value, result)
    np.copyto(out, np.where(x == -np.inf, np.nan, result), "same_kind")
'''
