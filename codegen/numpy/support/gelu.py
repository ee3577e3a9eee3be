"""x times the normal distribution function."""

NAME = "_gelu"
TEXT = '''
# Polynomial: exp(x^2/2) Phi(-x) (1 + x) = 0.4375 + P(w) with w = (x - 6) / (x + 6), x >= 0,
# minimax, relative 2^-56.
_GELU_TAIL = (
    1.5048010518393452e-09, 2.7483447215423593e-09, -1.5650855346992823e-08,
    -1.9551597959414102e-08, 1.3267407936960432e-07, -9.046613375860404e-10,
    -1.0000520692950976e-06, 1.7840545906868811e-06, 4.4127374338824574e-06,
    -2.6353456333744792e-05, 3.7794762891130291e-05, 0.00011948966054096505,
    -0.00086899463031347296, 0.0029356555193425682, -0.0070598194265234374,
    0.01324686415361764, -0.019766479219484094, 0.022592467062820146,
    -0.016141517332219558, -0.0043733867795945867, 0.039811424562430218,
    -0.085025362305770708, 0.015955200271127942,
)


def _gelu(x, out):
    """Store x times the normal distribution function of x."""
    _by_pieces(_gelu_piece, x, out)


def _gelu_piece(x, out):
    """Store max(x, 0) - a Phi(-a) for a = |x|, Phi(-a) as exp(-a^2/2) tail; the square is exact."""
    x = np.asarray(x, np.float64)
    near = np.clip(x, -40.0, 40.0)
    size = np.abs(near)
    upper = size.astype(np.float32).astype(np.float64)
    w = (size - 6.0) / (size + 6.0)
    tail = np.full_like(size, _GELU_TAIL[0])
    for coefficient in _GELU_TAIL[1:]:
        tail *= w
        tail += coefficient
    tail = near * ((0.4375 + tail) / (1.0 + size))
    tail *= np.exp((upper - size) * (upper + size) * 0.5)
    tail *= np.exp(upper * upper * -0.5)
    np.copyto(out, np.where(x > 0, x - tail, tail), "same_kind")
'''
