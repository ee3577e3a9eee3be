"""What tests of layers share."""

import numpy as np

import graphdl as gd

RNG = np.random.default_rng(0)


def names(layer):
    return [p.name for p in layer.params]


def run(node, state=None, **inputs):
    return gd.interpret(gd.Graph(node), inputs, state)["out"]
