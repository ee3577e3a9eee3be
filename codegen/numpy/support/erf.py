"""The error function."""

NAME = "_erf"
TEXT = '''
# Coefficients: W. J. Cody, "Rational Chebyshev approximation for the error function" (1969).
_ERF_SMALL = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2,
     3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
     2.84423683343917062e3),
)
_ERF_MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0,
     6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2,
     1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
     1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3,
     3.43936767414372164e3, 1.23033935480374942e3),
)


def _rational(x, coefficients):
    """Return the quotient of two polynomials, by Horner's rule."""
    values = []
    for row in coefficients:
        value = np.full_like(x, row[0])
        for coefficient in row[1:]:
            value *= x
            value += coefficient
        values.append(value)
    return np.divide(values[0], values[1], out=values[0])


def _erf(x, out):
    """Store the error function: an odd quotient near 0, 1 - exp(-x^2) * quotient beyond."""
    size = np.minimum(np.abs(x), 6.0)
    far = 1.0 - np.exp(-size * size) * _rational(size, _ERF_MIDDLE)
    near = _rational(np.minimum(size * size, 0.25), _ERF_SMALL) * x
    np.copyto(out, np.where(size <= 0.5, near, np.where(np.isnan(x), x, np.copysign(far, x))))
'''
