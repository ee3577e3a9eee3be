"""Layers: callables that build graphs, and own the parameters they build them with."""

from __future__ import annotations

from graphdl.ir.arguments import check_public
from graphdl.nn import constraints as constraints
from graphdl.nn import init as init
from graphdl.nn import regularizers as regularizers
from graphdl.nn.dense import Dense as Dense
from graphdl.nn.embedding import Embedding as Embedding
from graphdl.nn.flatten import Flatten as Flatten
from graphdl.nn.function import Identity as Identity
from graphdl.nn.function import Lambda as Lambda
from graphdl.nn.layer import Layer as Layer
from graphdl.nn.maxout import Maxout as Maxout
from graphdl.nn.merge import Add as Add
from graphdl.nn.merge import Concat as Concat
from graphdl.nn.prelu import PReLU as PReLU
from graphdl.nn.reshape import Reshape as Reshape
from graphdl.nn.residual import Residual as Residual
from graphdl.nn.sequential import Sequential as Sequential

__all__ = [
    "Add",
    "Concat",
    "Dense",
    "Embedding",
    "Flatten",
    "Identity",
    "Lambda",
    "Layer",
    "Maxout",
    "PReLU",
    "Reshape",
    "Residual",
    "Sequential",
    "constraints",
    "init",
    "regularizers",
]

check_public(globals())
