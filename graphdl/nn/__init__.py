"""Layers: callables that build graphs, and own the parameters they build them with."""

from __future__ import annotations

from graphdl.nn import init as init
from graphdl.nn.dense import Dense as Dense
from graphdl.nn.flatten import Flatten as Flatten
from graphdl.nn.layer import Layer as Layer
from graphdl.nn.sequential import Sequential as Sequential

__all__ = ["Dense", "Flatten", "Layer", "Sequential", "init"]
