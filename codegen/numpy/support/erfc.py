"""The complementary error function."""

NAME = "_erfc"
TEXT = '''
# Polynomial: exp(x^2) erfc(x) (1 + 2 x) = 1.23 + w Q(w) with w = (x - 4) / (x + 4), x >= 0.5,
# minimax, relative 2^-57. Near 0: W. J. Cody's quotient (1969), as for the error function.
_ERFC_TAIL = (
    -1.013317681148614e-08, -1.2191171191841026e-08, 1.0460948829219863e-07,
    6.6932885202583627e-08, -8.2113011652674601e-07, 2.9966538989531672e-07,
    5.7075753338282733e-06, -1.1224801247852748e-05, -2.4398495273456764e-05,
    1.5062252153557801e-04, -1.9925685457657154e-04, -7.5777345483344456e-04,
    5.0319700011586203e-03, -1.619773403740974e-02, 3.7167515535410277e-02,
    -6.63303658136737e-02, 9.3732834998453599e-02, -1.0103906603625121e-01,
    6.8097054254690245e-02, 1.537965210261899e-02, -1.396211168405625e-01,
)
_ERFC_NEAR = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2,
     3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
     2.84423683343917062e3),
)


def _erfc(x, out):
    """Store 1 - erf(x): below 0.5 as such, beyond as exp(-x^2) * tail; the square is exact."""
    x = np.asarray(x, np.float64)
    size = np.clip(np.abs(x), 0.5, 28.0)
    upper = size.astype(np.float32).astype(np.float64)
    w = (size - 4.0) / (size + 4.0)
    tail = np.full_like(size, _ERFC_TAIL[0])
    for coefficient in _ERFC_TAIL[1:]:
        tail *= w
        tail += coefficient
    tail = (1.2329951186255526 + w * tail) / (1.0 + 2.0 * size)
    far = np.exp(-upper * upper) * (np.exp((upper - size) * (upper + size)) * tail)
    square = np.minimum(x * x, 0.25)
    above, below = (np.polyval(row, square) for row in _ERFC_NEAR)
    near = 1.0 - x * (above / below)
    far = np.where(x < 0, 2.0 - far, far)
    far = np.where(np.isnan(x), x, far)
    np.copyto(out, np.where(np.abs(x) < 0.5, near, far), "same_kind")
'''
