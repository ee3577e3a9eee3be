"""Emit C for one contraction ``C[m, n] = sum_k A[m, k] * B[k, n]``.

``emit`` picks a strategy for the site's shapes (``gemm_model``) and prints it: register
blocks on the operands in place or inner products (``gemm_direct``), or packed panels
blocked for the caches (``gemm_packed``). Functions that sites share are in ``gemm_text``.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphdl.codegen.c import gemm_text
from graphdl.codegen.c.gemm_direct import direct, dot
from graphdl.codegen.c.gemm_model import Epilogue, Gemm, Load, Size, Strategy, choose_strategy
from graphdl.codegen.c.gemm_packed import packed
from graphdl.codegen.c.gemm_print import Body, indent, wrap

__all__ = ["Emitted", "Epilogue", "Gemm", "Load", "Size", "Strategy", "emit"]

_RUNTIME = ("{0}v_load", "{0}v_load_n", "{0}v_store", "{0}v_store_n", "{0}v_set")


@dataclass(frozen=True)
class Emitted:
    """Text of one site.

    Parameters
    ----------
    lines
        One C block ``{ ... }`` for use inside a function.
    functions
        Definitions the block needs, in order. Sites that need the same one return equal
        text, so a file keeps each text once.
    scratch
        Bytes of scratch memory, aligned to 64, at the maximum sizes.
    runtime
        Names the text uses from the vector runtime.
    strategy
        How the site is computed, for reports.
    """

    lines: list[str]
    functions: list[str]
    scratch: int
    runtime: set[str]
    strategy: Strategy


def emit(gemm: Gemm, strategy: Strategy | None = None) -> Emitted:
    """Print one contraction site.

    Parameters
    ----------
    strategy
        Overrides the choice of the cost model. ``"dot"`` needs ``a_col`` and ``b_row``
        to be 1 and no prologue.

    Returns
    -------
    Emitted
        The block, its helper functions and its scratch size.
    """
    chosen = strategy or choose_strategy(gemm)
    body: Body = {"dot": dot, "direct": direct, "packed": packed}[chosen](gemm)
    lines = [part for line in ["{", *indent(body.lines, 1), "}"] for part in wrap(line)]
    runtime = {name.format(gemm.dtype) for name in _RUNTIME}
    return Emitted(
        lines, gemm_text.functions(gemm.dtype, body.shared), body.scratch, runtime, chosen
    )
