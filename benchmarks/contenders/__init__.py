"""Who takes part. Adding a contender is one file here and one line in ``CONTENDERS``."""

from __future__ import annotations

from benchmarks.contenders.base import HAND, OURS_C, OURS_NUMPY, Contender
from benchmarks.contenders.graphdl_c import GraphdlC, GraphdlCSymbolic
from benchmarks.contenders.graphdl_numpy import GraphdlNumpy
from benchmarks.contenders.jax_jit import JaxJit, JaxPipelined
from benchmarks.contenders.numpy_hand import NumpyHand
from benchmarks.contenders.torch_compile import TorchCompile
from benchmarks.contenders.torch_eager import TorchEager

CONTENDERS: dict[str, type[Contender]] = {
    kind.name: kind
    for kind in (
        GraphdlC,
        GraphdlCSymbolic,
        GraphdlNumpy,
        NumpyHand,
        TorchEager,
        TorchCompile,
        JaxJit,
        JaxPipelined,
    )
}


def chosen(targets: list[str], peers: list[str] | None, symbolic: bool) -> list[str]:
    """Return the names that take part, in table order.

    Parameters
    ----------
    targets : list of {"c", "numpy"}
        Which of our own targets run.
    peers : list of str or None
        Names of the peers to run; None runs all, an empty list none.
    symbolic : bool
        Whether the variant with a symbolic batch size runs as well.

    Examples
    --------
    >>> chosen(["c"], ["jax"], symbolic=False)
    ['graphdl-c', 'jax']
    """
    names = []
    for name, kind in CONTENDERS.items():
        if kind.role == OURS_C:
            wanted = "c" in targets and (symbolic or kind is not GraphdlCSymbolic)
        elif kind.role == OURS_NUMPY:
            wanted = "numpy" in targets
        elif kind.role == HAND:
            wanted = "numpy" in targets or (peers is not None and name in peers)
        else:
            wanted = peers is None or name in peers
        if wanted:
            names.append(name)
    return names
