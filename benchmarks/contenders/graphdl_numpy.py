"""graphdl's NumPy target through the public interface."""

from __future__ import annotations

from typing import ClassVar

from benchmarks.contenders.base import OURS_NUMPY
from benchmarks.contenders.graphdl_c import GraphdlC


class GraphdlNumpy(GraphdlC):
    """The same graph, emitted as a NumPy module; held against hand-written NumPy."""

    name: ClassVar[str] = "graphdl-numpy"
    role: ClassVar[str] = OURS_NUMPY
    target: ClassVar[str] = "numpy"
