"""The derivative of the gamma function's logarithm."""

NAME = "_digamma"
TEXT = '''
_DIGAMMA_FAR = (
    43867 / 14364, -3617 / 8160, 1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12,
)


def _digamma(x, out):
    """Store psi(x): psi(1 - x) - pi cot(pi x) below 0, psi(y + 1) = psi(y) + 1/y up to 8."""
    x = np.asarray(x, np.float64)
    y = np.where(x < 0, 1.0 - x, x)
    far = y + np.ceil(np.maximum(8.0 - y, 0.0))
    less = np.zeros_like(y)
    for k in range(7, -1, -1):
        less += np.where(y + k < far, 1.0 / (y + k), 0.0)
    z = 1.0 / (far * far)
    value = np.log(far) - (0.5 / far + z * np.polyval(_DIGAMMA_FAR, z)) - less
    value = np.where(x < 0, value - np.pi / np.tan(np.pi * (x - np.rint(x))), value)
    pole = np.where(x == 0, -np.copysign(np.inf, x), np.nan)
    np.copyto(out, np.where((x <= 0) & (x == np.floor(x)), pole, value), "same_kind")
'''
