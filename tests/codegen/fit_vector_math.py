"""Fits the polynomials of the C runtime's vector math; run by hand, it prints their coefficients.

Each fit minimises the largest weighted error of a polynomial by Remez exchange in 60 digits.
Rounding the coefficients to the target's precision moves the error; for float32 two ways are
tried: all at once, and one by one from the lowest power with the rest refitted. The better wins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from mpmath import mp, mpf

Function = Callable[[mpf], mpf]
DENSITY = 40  # grid points for each coefficient


@dataclass(frozen=True)
class Fit:
    """A function on an interval, the weight of its error, a degree and a precision."""

    name: str
    function: Function
    weight: Function
    degree: int
    low: mpf
    high: mpf
    dtype: type[np.floating]


def remez(fit: Fit, powers: list[int], fixed: dict[int, mpf]) -> list[mpf]:
    """Coefficients of the powers that aren't fixed yet, by exchange on a Chebyshev grid."""
    n = len(powers)
    count = DENSITY * (n + 1)
    nodes = [mp.cos(mp.pi * (mpf(i) + mpf(1) / 2) / count) for i in range(count)]
    grid = [fit.low + (fit.high - fit.low) * (1 - node) / 2 for node in nodes]
    values = [fit.function(x) - sum(c * x**k for k, c in fixed.items()) for x in grid]
    weights = [fit.weight(x) for x in grid]
    basis = [[x**k for k in powers] for x in grid]
    spread = [(1 - mp.cos(mp.pi * mpf(i) / n)) / 2 * (count - 1) for i in range(n + 1)]
    reference = [int(s + mpf(1) / 2) for s in spread]
    found: list[mpf] = []
    for _ in range(30):
        rows = [[*basis[j], (-1) ** i / weights[j]] for i, j in enumerate(reference)]
        solved = mp.lu_solve(mp.matrix(rows), mp.matrix([values[j] for j in reference]))
        found = [solved[k] for k in range(n)]
        errors = [
            w * (v - sum(c * b for c, b in zip(found, row, strict=True)))
            for w, v, row in zip(weights, values, basis, strict=True)
        ]
        extrema = _extrema(errors, n + 1)
        if len(extrema) <= n or extrema == reference:
            break
        reference = extrema
    return found


def _extrema(errors: list[mpf], wanted: int) -> list[int]:
    """Places of the largest errors of alternating sign, at most as many as wanted."""
    places, best = [], 0
    for j in range(1, len(errors)):
        if (errors[j] > 0) != (errors[best] > 0):
            places.append(best)
            best = j
        elif abs(errors[j]) > abs(errors[best]):
            best = j
    places.append(best)
    while len(places) > wanted:
        if len(places) == wanted + 1:
            places.pop(0 if abs(errors[places[0]]) < abs(errors[places[-1]]) else -1)
        else:
            pairs = range(len(places) - 1)
            i = min(pairs, key=lambda i: max(abs(errors[p]) for p in places[i : i + 2]))
            del places[i : i + 2]
    return places


def solve(fit: Fit) -> tuple[mpf, list[np.floating]]:
    """The worst weighted error and the rounded coefficients, lowest power first."""
    points = [fit.low + (fit.high - fit.low) * mpf(i) / 1000 for i in range(1001)]
    table = [(x, fit.function(x), fit.weight(x)) for x in points]
    fixed: dict[int, mpf] = {}
    rest = list(range(fit.degree + 1))
    best: tuple[mpf, dict[int, mpf]] | None = None
    while rest:
        rounded = [_round(c, fit.dtype) for c in remez(fit, rest, fixed)]
        trial = fixed | dict(zip(rest, rounded, strict=True))
        error = max(abs(w * (v - sum(c * x**k for k, c in trial.items()))) for x, v, w in table)
        if best is None or error < best[0]:
            best = error, trial
        if fit.dtype is np.float64:
            break
        fixed[rest[0]] = rounded[0]
        rest = rest[1:]
    assert best is not None
    return best[0], [fit.dtype(best[1][k]) for k in range(fit.degree + 1)]


def _round(value: mpf, dtype: type[np.floating]) -> mpf:
    return mpf(float(dtype(float(value))))


def _near(limit: Function, function: Function) -> Function:
    """A function, or its series where it cancels to nothing."""
    return lambda x: limit(x) if abs(x) < mpf(10) ** -15 else function(x)


def fits() -> list[Fit]:
    """Every polynomial of the runtime."""
    tiny = mpf(10) ** -30
    root = mp.sqrt(mpf(2))
    exp = _near(lambda r: mpf(1) / 2 + r / 6, lambda r: (mp.expm1(r) - r) / r**2)
    log = _near(lambda f: mpf(1) / 3 - f / 4, lambda f: (mp.log1p(f) - f + f * f / 2) / f**3)
    atanh = _near(
        lambda z: mpf(2) / 3 + 2 * z / 5, lambda z: 2 * (mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z
    )
    tanh = _near(
        lambda z: 2 * z / 15 - mpf(1) / 3, lambda z: (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z
    )
    erf = _near(
        lambda z: 2 / mp.sqrt(mp.pi) * (1 - z / 3) - 1,
        lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1,
    )
    in_exp = _near(lambda r: r * r + tiny, lambda r: r * r / mp.exp(r))
    in_expm1 = _near(lambda r: abs(r) + tiny, lambda r: abs(r * r / mp.expm1(r)))
    in_log = _near(lambda f: f * f + tiny, lambda f: abs(f**3 / mp.log1p(f)))
    in_atanh = _near(lambda z: z + tiny, lambda z: z * mp.sqrt(z) / 2 / mp.atanh(mp.sqrt(z)))
    in_tanh = _near(lambda z: z + tiny, lambda z: z * mp.sqrt(z) / mp.tanh(mp.sqrt(z)))
    in_erf = _near(lambda z: mp.sqrt(mp.pi) / 2, lambda z: mp.sqrt(z) / mp.erf(mp.sqrt(z)))
    half = mp.log(2) / 2 * mpf("1.001")  # n is rounded from a rounded product
    half64 = mp.log(2) / 2 * mpf("1.0001")
    s = (root - 1) / (root + 1)
    lgamma = _near(
        lambda t: 1 - mp.euler + (mp.zeta(2) - 1) / 2 * t, lambda t: mp.loggamma(2 + t) / t
    )
    one, quarter, ends = lambda x: mpf(1), mpf(1) / 4, (mpf(-1) / 2, mpf(1) / 2)
    single, double = np.float32, np.float64
    return [
        Fit("f32v_exp_sum_", exp, in_exp, 4, -half, half, single),
        Fit("f32v_expm1", exp, in_expm1, 5, -half, half, single),
        Fit("f32v_log_near_", log, in_log, 7, 1 / root - 1, root - 1, single),
        Fit("f32v_tanh", tanh, in_tanh, 4, mpf(0), mpf(9) ** 2 / 256, single),
        Fit("f32v_erf", erf, in_erf, 6, mpf(0), mpf(1), single),
        Fit("f32v_erf", *_erfc_from(mpf(0)), 6, mpf(1), mpf(4), single),
        Fit("f64v_exp_sum_", exp, in_exp, 10, -half64, half64, double),
        Fit("f64v_expm1", exp, in_expm1, 10, -half64, half64, double),
        Fit("f64v_log_near_", atanh, in_atanh, 6, mpf(0), s * s, double),
        Fit("f64v_tanh", tanh, in_tanh, 10, mpf(0), mpf(9) ** 2 / 256, double),
        Fit("f64v_erf", erf, in_erf, 12, mpf(0), mpf(1), double),
        Fit("f64v_erf", *_erfc_from(mpf(1)), 17, mpf(0), mpf(5), double),
        Fit(
            "f32v_erfc", *_erfc_tail(mpf("2.5"), mpf("1.25")), 9, mpf(-2) / 3, mpf(77) / 127, single
        ),
        Fit(
            "f64v_erfc_tail_",
            *_erfc_tail(mpf(4), mpf(1.2329951186255526)),
            21,
            mpf(-7) / 9,
            mpf(47) / 63,
            double,
        ),
        Fit("f32v_gelu", *_normal_tail(mpf(4), mpf("0.46875")), 10, mpf(-1), mpf(21) / 37, single),
        Fit(
            "f64v_gelu",
            *_normal_tail(mpf(6), mpf("0.4375")),
            22,
            mpf(-1),
            mpf(33) / 45,
            double,
        ),
        Fit(
            "f64v_lgamma_lane_",
            lgamma,
            lambda t: 1 / lgamma(t),
            17,
            *ends,
            double,
        ),
        Fit("f64v_lgamma_lane_", _log_sine, lambda z: z + tiny, 13, mpf(0), quarter, double),
        Fit("f64v_digamma_lane_", lambda t: mp.digamma(2 + t), one, 19, *ends, double),
        Fit("f64v_digamma_lane_", _cotangent, one, 14, mpf(0), quarter, double),
    ]


def _log_sine(z: mpf) -> mpf:
    """-log(sin(pi r) / (pi r)) / z for z = r^2."""
    return mp.zeta(2) + mp.zeta(4) / 2 * z if z < 1e-15 else -mp.log(mp.sincpi(mp.sqrt(z))) / z


def _cotangent(z: mpf) -> mpf:
    """(1/r - pi cot(pi r)) / (2 r) - 13/8 for z = r^2."""
    if z < 1e-15:
        return mp.zeta(2) + mp.zeta(4) * z - mpf(13) / 8
    return (1 - mp.pi * mp.sqrt(z) * mp.cot(mp.pi * mp.sqrt(z))) / (2 * z) - mpf(13) / 8


def _erfc_from(start: mpf) -> tuple[Function, Function]:
    """-log(erfc(start + t)) and what its error weighs in erf."""
    return (
        lambda t: -mp.log(mp.erfc(start + t)),
        lambda t: mp.erfc(start + t) / mp.erf(start + t),
    )


def _erfc_tail(middle: mpf, first: mpf) -> tuple[Function, Function]:
    """exp(x^2) erfc(x) (1 + 2 x) less a constant, by (x - middle) / (x + middle); its weight."""

    def whole(w: mpf) -> mpf:
        x = middle * (1 + w) / (1 - w)
        return mp.exp(x * x) * mp.erfc(x) * (1 + 2 * x)

    return lambda w: whole(w) - first, lambda w: 1 / whole(w)


def _normal_tail(middle: mpf, first: mpf) -> tuple[Function, Function]:
    """exp(x^2/2) Phi(-x) (1 + x) less a constant, by (x - middle) / (x + middle); its weight."""

    def whole(w: mpf) -> mpf:
        x = middle * (1 + w) / (1 - w)
        return mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2)) / 2 * (1 + x)

    return lambda w: whole(w) - first, lambda w: 1 / whole(w)


def main() -> None:
    """Print the coefficients of every polynomial."""
    mp.dps = 60
    for fit in fits():
        error, coefficients = solve(fit)
        digits = 9 if fit.dtype is np.float32 else 17
        print(f"{fit.name}: error 2^{float(mp.log(error, 2)):.1f}")
        print("   ", " ".join(f"{float(c):.{digits}g}" for c in coefficients))


if __name__ == "__main__":
    main()
