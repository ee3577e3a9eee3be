"""Optimizers as they were recorded by ``fixtures/make_torch_optimizers.py``, and one graph each."""

import json
from pathlib import Path

import numpy as np

import graphdl as gd
from graphdl import optim
from graphdl.optim import schedules

RECORD = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "torch_optimizers.json").read_text()
)
GRADIENTS = {k: np.array(v) for k, v in RECORD["gradients"].items()}
START = {k: np.array(v) for k, v in RECORD["start"].items()}

VARIANTS = {
    "SGD": optim.SGD(0.05),
    "SGD momentum": optim.SGD(0.05, momentum=0.9),
    "SGD nesterov decay": optim.SGD(0.05, 0.9, nesterov=True, weight_decay=0.1),
    "SGD dampening": optim.SGD(0.05, 0.9, dampening=0.3),
    "Adagrad": optim.Adagrad(),
    "Adagrad options": optim.Adagrad(0.1, lr_decay=0.05, weight_decay=0.1, initial=0.5, eps=1e-3),
    "RMSProp": optim.RMSProp(),
    "RMSProp decay": optim.RMSProp(0.02, rho=0.9, eps=1e-3, weight_decay=0.1),
    "RMSProp centered": optim.RMSProp(centered=True),
    "RMSProp momentum": optim.RMSProp(centered=True, momentum=0.9),
    "Adadelta": optim.Adadelta(),
    "Adadelta decay": optim.Adadelta(0.5, rho=0.8, eps=1e-4, weight_decay=0.1),
    "Adam": optim.Adam(),
    "Adam decay": optim.Adam(0.01, 0.8, 0.95, eps=1e-3, weight_decay=0.1),
    "Adam amsgrad": optim.Adam(0.01, 0.9, 0.9, amsgrad=True),
    "AdamW": optim.AdamW(),
    "AdamW options": optim.AdamW(0.01, weight_decay=0.2, amsgrad=True),
    "Adamax": optim.Adamax(),
    "Adamax decay": optim.Adamax(0.01, 0.8, 0.9, eps=1e-3, weight_decay=0.1),
    "NAdam": optim.NAdam(),
    "NAdam decay": optim.NAdam(0.01, 0.8, 0.95, eps=1e-3, weight_decay=0.1, momentum_decay=0.01),
    "NAdam decoupled": optim.NAdam(0.01, weight_decay=0.1, decoupled=True),
    "clipped by value": optim.SGD(0.05, 0.9, clip=optim.clip_by_value(0.7)),
    "clipped by norm": optim.SGD(0.05, 0.9, clip=optim.clip_by_norm(1.5)),
    "clipped by global norm": optim.SGD(0.05, 0.9, clip=optim.clip_by_global_norm(2.5)),
    "Adam scheduled": optim.Adam(schedules.cosine_restarts(1e-3, 10, growth=2, final=0.01)),
    "Keras SGD decoupled": optim.SGD(0.05, 0.9, weight_decay=0.1, decoupled=True),
    "Keras Lion": optim.Lion(0.01, weight_decay=0.1),
    "Lion": optim.Lion(0.01),
    "Lion decay": optim.Lion(0.01, 0.8, 0.95, weight_decay=0.1),
}


def graph_of(name, optimizer, dtype="float64"):
    """Return a graph of one step on given gradients; a scope of its own keeps its state apart."""
    with gd.scope(name):
        params = [gd.param(k, dtype=dtype, init=v) for k, v in START.items()]
        grads = [gd.input(k, v.shape, dtype) for k, v in START.items()]
        updates = optimizer.updates(params, grads)
    return gd.Graph(dict(zip(START, grads, strict=True)), updates=updates, name=name)
