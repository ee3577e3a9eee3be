"""Trajectories of every optimizer equal recorded ones of PyTorch, Keras and Optax."""

from functools import cache

import numpy as np
import pytest

import graphdl as gd
from graphdl import optim
from graphdl.optim.optimizer import Optimizer
from tests.optim.variants import GRADIENTS, RECORD, START, VARIANTS, graph_of

each_target = pytest.mark.parametrize("target", ["interp", "numpy", "c"])
STEPS = 100


@cache
def module(target, dtype="float64"):
    """Return all variants as entry points of one module."""
    graphs = [graph_of(name, optimizer, dtype) for name, optimizer in VARIANTS.items()]
    return gd.compile(graphs, target=target, name=f"optimizers_{dtype}")


def take(module, name, steps):
    """Take steps; return the parameters after those that were recorded."""
    seen, dtype = {}, module.state[f"{name}/w"].dtype
    for step in steps:
        module.entries[name](**{k: v[step].astype(dtype) for k, v in GRADIENTS.items()})
        seen[step + 1] = {k: np.array(module.state[f"{name}/{k}"]) for k in START}
    return [seen[k] for k in RECORD["seen"] if k in seen]


def own_state(module, name):
    return {k: np.array(v) for k, v in module.state.items() if k.startswith(f"{name}/")}


def test_everything_recorded_is_compared():
    assert set(RECORD["runs"]) == set(VARIANTS)
    public = {v for v in vars(optim).values() if isinstance(v, type) and issubclass(v, Optimizer)}
    assert public - {Optimizer, optim.Groups, optim.Ema} == {type(v) for v in VARIANTS.values()}


@each_target
@pytest.mark.parametrize("name", VARIANTS)
def test_trajectory(target, name, needs_cc):
    compiled = module(target)
    compiled.reset()
    found = take(compiled, name, range(STEPS))
    for got, expected in zip(found, RECORD["runs"][name], strict=True):
        for param, value in expected.items():
            np.testing.assert_allclose(got[param], value, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("name", VARIANTS)
def test_trajectory_in_float32(target, name, needs_cc):
    compiled = module(target, "float32")
    compiled.reset()
    found = take(compiled, name, range(STEPS))
    assert found[-1]["w"].dtype == np.float32
    for got, expected in zip(found, RECORD["runs"][name], strict=True):
        for param, value in expected.items():
            np.testing.assert_allclose(got[param], value, rtol=2e-4, atol=2e-5)


@each_target
def test_resuming_equals_never_having_stopped(target, needs_cc, tmp_path):
    """Also in another module, and with schedules: steps taken are part of the state."""
    compiled = module(target)
    compiled.reset()
    for name in VARIANTS:
        take(compiled, name, range(7))
    compiled.save_state(tmp_path / "halfway.safetensors")
    for name in VARIANTS:
        take(compiled, name, range(7, 12))
    through = {name: own_state(compiled, name) for name in VARIANTS}
    other = module.__wrapped__(target)
    other.load_state(tmp_path / "halfway.safetensors")
    for name in VARIANTS:
        take(other, name, range(7, 12))
        for key, value in own_state(other, name).items():
            assert value.tobytes() == through[name][key].tobytes(), key


@each_target
@pytest.mark.parametrize("name", VARIANTS)
def test_gradients_of_zero_make_no_nan(target, name, needs_cc):
    compiled = module(target, "float32")
    compiled.reset()
    for size in (0.0, 0.0, 1.0, 0.0, 1e-30, 0.0):
        compiled.entries[name](**{k: np.full(v.shape, size, "f4") for k, v in START.items()})
    assert all(np.isfinite(v).all() for v in own_state(compiled, name).values())
