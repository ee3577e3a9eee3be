"""The logarithm of the gamma function."""

NAME = "_lgamma"
TEXT = '''
# log Gamma(2 + r) = r P(r) for |r| <= 1/2, P minimax, relative 2^-55; Stirling's series;
# -log(sin(pi r) / (pi r)) / r^2 by r^2.
_LGAMMA_NEAR = (
    2.9770960790069168e-07, -5.8061223412828315e-07, 8.9989766052990459e-07,
    -1.9748263397054722e-06, 4.3935226613802275e-06, -9.4560789794777012e-06,
    2.0503543556777476e-05, -4.4923771902459557e-05, 9.945794423747359e-05,
    -2.2315497226514427e-04, 5.0966949510919391e-04, -1.1927539013292235e-03,
    2.8905103318418142e-03, -7.3855510289251979e-03, 2.0580808427765957e-02,
    -6.7352301053195757e-02, 3.2246703342411331e-01, 4.2278433509846713e-01,
)
_LGAMMA_FAR = (
    -3617 / 122400, 1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12,
)
_LOG_SINE = (
    0.49741544573995888, -0.4036715247930629, 0.36155673280197298, -0.0097876693235824045,
    0.12466122487547054, 0.10687263885981325, 0.12552063220468604, 0.14282074969661512,
    0.1667104340660393, 0.20019880088290679, 0.25101934210534432, 0.33911435394638789,
    0.54116161685595665, 1.6449340668482253,
)


def _lgamma_near(x):
    """Return log |Gamma(x)| for |x| < 8, by Gamma(y + 1) = y Gamma(y) from around 2."""
    n = np.rint(x)
    r = x - n
    up, steps = n > 2, np.abs(n - 2)
    high, low = np.ones_like(x), np.zeros_like(x)
    for j in range(int(steps.max(initial=0.0))):
        k = np.where(up, 2.0 + j, 1.0 - j)
        d, taken = k + r, j < steps
        upper = _upper(d)
        product, rest = _times(high, low, upper, (d - upper) + ((k - d) + r))
        high, low = np.where(taken, product, high), np.where(taken, rest, low)
    product = high + low
    rest = ((high - product) + low) / product
    value, log = r * np.polyval(_LGAMMA_NEAR, r), np.log(np.abs(product))
    return np.where(up, log + (value + rest), value - rest - log)


def _lgamma_far(x):
    """Return log |Gamma(x)| for |x| >= 8; Gamma(x) Gamma(-x) = -pi / (x sin(pi x))."""
    y = np.abs(x)
    size, r = np.minimum(y, 2.0**60), x - np.rint(x)
    z, upper = 1.0 / (size * size), _upper(size)
    high, low = _log_parts(size)
    factor = _upper((high - 1.0) + low)
    low = ((high - 1.0) - factor) + low
    series = upper * low + np.polyval(_LGAMMA_FAR, z) / size
    low = ((size - upper) + np.where(x < 0, 0.5, -0.5)) * (factor + low)
    plain = upper * factor + (low + (series + 0.41893853320467274))
    plain = np.where(y > 2.0**60, y * (np.log(y) - 1.0), plain)
    low += series - (r * r) * np.polyval(_LOG_SINE, r * r)
    high, rest = _log_parts(np.abs(r))
    high += upper * factor
    other = -(high + 1.4189385324716568) - (low + (rest + 7.330159424639235e-10))
    return np.where(x < 0, other, plain)


def _lgamma(x, out):
    """Store log |Gamma(x)|: large terms stand in two parts, as they may cancel."""
    x = np.asarray(x, np.float64)
    value, near = np.empty_like(x), np.abs(x) < 8
    value[near], value[~near] = _lgamma_near(x[near]), _lgamma_far(x[~near])
    value = np.where(np.abs(x) < 2.0**-60, -np.log(np.abs(x)), value)
    pole = np.isinf(x) | ((x <= 0) & (x == np.floor(x)))
    np.copyto(out, np.where(pole, np.inf, value), "same_kind")
'''
