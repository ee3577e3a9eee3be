"""Random graphs over the whole catalogue, and how to shrink one that fails.

A builder (:mod:`.builder`) applies functions to operands that suit them, family by family
(:mod:`.families`). Elementwise functions are drawn by what their scalar rules do
(:mod:`.elementwise`, :mod:`.behaviour`), functions that nobody wrote a family for by their
signatures (:mod:`.unknown`): a new op takes part without a line here. A case (:mod:`.case`) says
how to feed any graph; :mod:`.points` finds values at which it is defined; :mod:`.shrinking` makes
a failure small.
"""

from __future__ import annotations

from graphdl.verification.random_graphs.case import Case as Case
from graphdl.verification.random_graphs.drawing import draw as draw
from graphdl.verification.random_graphs.drawing import random_case as random_case
from graphdl.verification.random_graphs.public import RandomGraph as RandomGraph
from graphdl.verification.random_graphs.public import random_graph as random_graph
from graphdl.verification.random_graphs.shrinking import shrink as shrink
