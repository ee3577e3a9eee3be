"""A wrong formula of an optimizer."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "an optimizer's formula"
_FORMULAS = (
    "tests/optim/test_optimizers.py",
    "tests/optim/test_recorded.py",
    "-k",
    "published or correction or penalty or centred or trajectory and interp",
)
_CLIP = ("tests/optim/test_clip.py", "tests/optim/test_ema.py")

BUGS = (
    Bug(
        "graphdl/optim/adam.py",
        "m / (sqrt(v) * root + eps)",
        "m / ((sqrt(v) + eps) * root)",
        _FORMULAS,
    ),
    Bug(
        "graphdl/optim/adam.py",
        "(1.0 - b2) * (grad * grad)",
        "(1.0 - b1) * (grad * grad)",
        _FORMULAS,
    ),
    Bug(
        "graphdl/optim/sgd.py",
        "direction = grad + momentum * moved",
        "direction = grad + momentum * velocity",
        _FORMULAS,
    ),
    Bug(
        "graphdl/optim/sgd.py",
        "where(self.steps_before(param.dtype) > 0.0, part, all)",
        "part",
        _FORMULAS,
    ),
    Bug(
        "graphdl/optim/lion.py",
        "{mean: b2 * mean + (1.0 - b2) * grad,",
        "{mean: b1 * mean + (1.0 - b1) * grad,",
        _FORMULAS,
    ),
    Bug(
        "graphdl/optim/nadam.py",
        "ahead = self._momentum(1.0), self._momentum(2.0)",
        "ahead = self._momentum(1.0), self._momentum(1.0)",
        _FORMULAS,
    ),
    Bug(
        "graphdl/optim/optimizer.py",
        "return -expm1((self.steps_before(dtype) + 1.0) * rate)",
        "return -expm1(self.steps_before(dtype) * rate)",
        _FORMULAS,
    ),
    Bug(
        "graphdl/optim/optimizer.py",
        "self.rule(param, grad + decay * param)",
        "self.rule(param, grad + decay)",
        _FORMULAS,
    ),
    Bug(
        "graphdl/optim/clip.py",
        "share = minimum(value(limit, norm.dtype) / (norm + _TINY), 1.0)",
        "share = value(limit, norm.dtype) / (norm + _TINY)",
        _CLIP,
    ),
    Bug("graphdl/optim/ema.py", "(1.0 - kept) * found[param]", "(1.0 - kept) * param", _CLIP),
)
