"""gd.testing: assertions about gradients, graphs and compiled modules, with or without pytest.

=============================  ====================================================================
``assert_grad``                the gradient of a loss is right, by ``gd.verify``
``assert_same``                two graphs mean the same
``assert_module``              a compiled module, or any function, does what a graph says
``check_numpy_gradient``       a hand-written NumPy gradient against the graph's
``check_torch_gradient``       a ``torch.autograd.Function`` or any PyTorch function, likewise
``check_jax_gradient``         a JAX ``custom_vjp`` or any JAX function, likewise
``random_graphs``              random graphs as a strategy for hypothesis
``Disagreement``               what they raise: an AssertionError with a table
=============================  ====================================================================

pytest loads :mod:`graphdl.testing.plugin`, which makes fixtures of the first three. As that happens
in every run of pytest where graphdl is installed, nothing is imported here before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphdl.testing.gradients import assert_grad as assert_grad
    from graphdl.testing.graphs import assert_same as assert_same
    from graphdl.testing.modules import assert_module as assert_module
    from graphdl.testing.peers import check_jax_gradient as check_jax_gradient
    from graphdl.testing.peers import check_numpy_gradient as check_numpy_gradient
    from graphdl.testing.peers import check_torch_gradient as check_torch_gradient
    from graphdl.testing.reporting import Disagreement as Disagreement
    from graphdl.testing.reporting import Reporter as Reporter
    from graphdl.testing.strategies import random_graphs as random_graphs

_DEFINED_IN = {
    "assert_grad": "gradients",
    "assert_module": "modules",
    "assert_same": "graphs",
    "check_jax_gradient": "peers",
    "check_numpy_gradient": "peers",
    "check_torch_gradient": "peers",
    "random_graphs": "strategies",
    "Disagreement": "reporting",
    "Reporter": "reporting",
}

__all__ = list(_DEFINED_IN)


def __getattr__(name: str) -> Any:
    if name not in _DEFINED_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_DEFINED_IN[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
