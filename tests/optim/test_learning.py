"""Every optimizer learns handwritten digits, in few kernels."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.codegen.lower.lower import Module, lower
from graphdl.passes.pipeline import run
from tests.optim.variants import VARIANTS

CASES = {
    "SGD": (optim.SGD(0.5), 9),
    "SGD momentum": (optim.SGD(0.1, 0.9, weight_decay=1e-4), 9),
    "SGD dampening": (optim.SGD(0.3, 0.9, dampening=0.5), 10),
    "Adagrad": (optim.Adagrad(0.05), 9),
    "RMSProp": (optim.RMSProp(0.003), 9),
    "RMSProp centered": (optim.RMSProp(0.001, centered=True, momentum=0.9), 9),
    "Adadelta": (optim.Adadelta(eps=1e-3), 9),
    "Adam": (optim.Adam(0.01), 11),
    "Adam amsgrad": (optim.Adam(0.01, amsgrad=True), 11),
    "AdamW": (optim.AdamW(0.01), 11),
    "Adamax": (optim.Adamax(0.02), 11),
    "NAdam": (optim.NAdam(0.01), 12),
    "Lion": (optim.Lion(0.002, weight_decay=0.1), 9),
    "scheduled": (optim.SGD(optim.schedules.cosine(1.0, 60), 0.5), 11),
    "clipped by value": (optim.SGD(5.0, clip=optim.clip_by_value(0.02)), 9),
    "clipped by norm": (optim.SGD(0.5, clip=optim.clip_by_norm(0.5)), 13),
    "clipped by global norm": (optim.SGD(0.5, clip=optim.clip_by_global_norm(0.5)), 16),
    "Ema": (optim.Ema(optim.SGD(0.5), 0.9), 10),
    "Groups": (
        optim.Groups([(lambda p: p.name.endswith("/b"), optim.SGD(0.1))], optim.Adam(0.01)),
        11,
    ),
}


def step_of(optimizer):
    x, y = gd.input("x", ("N", 64)), gd.input("y", ("N",), "int32")
    net = nn.Sequential(nn.Dense(64, 128, "relu"), nn.Dense(128, 10))
    return gd.train_step(losses.softmax_cross_entropy(net(x), y), optimizer)


def test_every_kind_of_optimizer_learns():
    assert {type(o) for o in VARIANTS.values()} <= {type(o) for o, _ in CASES.values()}


@pytest.mark.parametrize("case", CASES)
def test_the_loss_falls(case):
    module = gd.compile(step_of(CASES[case][0]), "numpy", dims={"N": 256})
    digits = load_digits()
    x, y = (digits.data[:256] / 16).astype("f4"), digits.target[:256].astype("i4")
    seen = [float(module.train(x=x, y=y)["loss"]) for _ in range(60)]
    assert np.isfinite(seen).all()
    assert seen[-1] < 0.35 * seen[0]


@pytest.mark.parametrize("case", CASES)
def test_kernels_of_a_step(case):
    """One a parameter, in the epilogue of a weight's gradient; few for what is scalar.

    Fewer is better: then lower the numbers. More means that fusion was lost. Norms need all of a
    gradient before any of it is used.
    """
    optimizer, kernels = CASES[case]
    module = Module("m", {"N": 256})
    assert len(lower(run(step_of(optimizer)), module).kernels) == kernels
