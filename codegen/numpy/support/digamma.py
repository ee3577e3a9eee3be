"""The derivative of the gamma function's logarithm."""

NAME = "_digamma"
TEXT = '''
# psi(2 + r) for |r| <= 1/2, absolute 2^-55; (1/r - pi cot(pi r)) / (2 r) - 13/8 by r^2.
_DIGAMMA_NEAR = (
    1.3572136567291275e-06, -2.628573468942868e-06, 3.5630010183133705e-06,
    -7.2309348296308046e-06, 1.5369392713143619e-05, -3.0711337454790529e-05,
    6.123000187424316e-05, -1.226910724030156e-04, 2.4608893005975788e-04,
    -4.9419108398715181e-04, 9.9457493241428599e-04, -2.0083926585836792e-03,
    4.0773562076281836e-03, -8.3492773884069251e-03, 1.7343061984184185e-02,
    -3.6927755143242647e-02, 8.232323371114153e-02, -2.0205690315959526e-01,
    6.4493406684822641e-01, 4.2278433509846713e-01,
)
_DIGAMMA_FAR = (
    43867 / 14364, -3617 / 8160, 1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12,
)
_COTANGENT = (
    8.0884892266726443, -7.1501059366031416, 5.7734898359723124, -0.74401400625476366,
    1.4308929637653547, 0.92526419145909877, 1.0092411462632087, 0.99920193920263811,
    1.0001115719894627, 1.0002439599008812, 1.0009946336199922, 1.00407735523103,
    1.0173430619928086, 1.0823232337111097, 0.019934066848226451,
)


def _digamma_near(x):
    """Return psi(x) for |x| < 8, by psi(y + 1) = psi(y) + 1/y from around 2."""
    n = np.rint(x)
    r = x - n
    up, steps = n > 2, np.abs(n - 2)
    pole, high, low = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    for j in range(int(steps.max(initial=0.0))):
        k = np.where(up, 2.0 + j, 1.0 - j)
        d = k + r
        upper, lower = _inverse(d, (k - d) + r)
        taken = np.where(j < steps, np.where(up, 1.0, -1.0), 0.0)
        low += np.where(taken != 0, taken * lower, 0.0)
        pole = np.where((taken != 0) & (k == 0), -upper, pole)
        high += np.where((taken != 0) & (k != 0), taken * upper, 0.0)
    return (np.polyval(_DIGAMMA_NEAR, r) + low) + (high + pole)


def _digamma_far(x):
    """Return psi(x) for |x| >= 8; below 0 it is psi(-x) - 1/x - pi cot(pi x)."""
    y, r = np.abs(x), x - np.rint(x)
    z = 1.0 / (y * y)
    series = z * np.polyval(_DIGAMMA_FAR, z)
    high, low = _log_parts(y)
    upper, lower = _inverse(r, 0.0)
    low = 2.0 * r * np.polyval(_COTANGENT, r * r) + (((0.5 / y - series) + low) - lower)
    return np.where(x < 0, ((high - upper) + 3.25 * r) + low, np.log(y) - (0.5 / y + series))


def _digamma(x, out):
    """Store psi(x): large terms stand in two parts, as they may cancel."""
    x = np.asarray(x, np.float64)
    value, near = np.empty_like(x), np.abs(x) < 8
    value[near], value[~near] = _digamma_near(x[near]), _digamma_far(x[~near])
    value = np.where(np.abs(x) < 2.0**-60, -1.0 / x, value)
    np.copyto(out, np.where((x < 0) & (x == np.floor(x)), np.nan, value), "same_kind")
'''
