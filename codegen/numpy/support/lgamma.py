"""The logarithm of the gamma function."""

NAME = "_lgamma"
TEXT = '''
# log Gamma(2 + t) = t P(t) for |t| <= 1/2, P minimax, relative 2^-55; Stirling's series.
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


def _lgamma(x, out):
    """Store log |Gamma(x)|; Gamma(x) Gamma(1 - x) = pi / sin(pi x) leads to positive numbers."""
    x = np.asarray(x, np.float64)
    y = np.where(x < 0, 1.0 - x, x)
    far = np.maximum(y, 8.0)
    series = np.polyval(_LGAMMA_FAR, 1.0 / (far * far)) / far
    large = (far - 0.5) * (np.log(far) - 1.0) + (0.5 * np.log(2.0 * np.pi) - 0.5 + series)
    near, product = np.minimum(y, 8.0), np.ones_like(y)
    for _ in range(6):
        down = near >= 2.5
        near = np.where(down, near - 1.0, near)
        product = np.where(down, product * near, product)
    t = near - np.where(near < 0.5, 0.0, np.where(near < 1.5, 1.0, 2.0))
    small = t * np.polyval(_LGAMMA_NEAR, t) + np.log(product)
    small -= np.where(near < 1.5, np.log1p(t), 0.0) + np.where(near < 0.5, np.log(near), 0.0)
    value = np.where(y < 8.0, small, large)
    sine = np.abs(np.sin(np.pi * (x - np.rint(x))))
    value = np.where(x < 0, np.log(np.pi) - np.log(sine) - value, value)
    value = np.where(np.abs(x) < 2.0**-60, -np.log(np.abs(x)), value)
    pole = np.isinf(x) | ((x <= 0) & (x == np.floor(x)))
    np.copyto(out, np.where(pole, np.inf, value), "same_kind")
'''
