"""Standalone folders of C: a module's files, their README, and a test in plain C."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphdl.codegen.c.blob import MAGIC
from graphdl.codegen.c.module import CSource, emit
from graphdl.codegen.c.standalone.derivative import DerivativeCheck, derivative_checks
from graphdl.codegen.c.standalone.selftest import SelfTest, state_arrays, state_draws
from graphdl.codegen.c.standalone.texts import makefile, readme
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.lower.memory import buffer_bytes
from graphdl.codegen.report import entry_flops, memory_report
from graphdl.ir.graph import Graph

THREADS = 4
"""Most threads that a folder's loops use unless ``make THREADS=...`` says otherwise; no number of
this machine, so that every machine writes the same text."""


def c_folder(
    module: Module,
    graphs: Sequence[Graph],
    state: Mapping[str, np.ndarray],
    *,
    check: bool = True,
) -> dict[str, bytes]:
    """Return the files of a standalone folder, by name.

    Parameters
    ----------
    module : Module
        Lowered entry points.
    graphs : sequence of Graph
        The same as they were built: the interpreter computes the goldens from them.
    state : mapping of str to ndarray
        What goes into the parameter file.
    check : bool
        Whether a second module with products of the Jacobian is written, for the test.
    """
    emitted, name = emit(module, THREADS), module.name
    operations = {p.name: entry_flops(p, module.maxima) for p in module.programs}
    second: tuple[Module, CSource, Mapping[str, DerivativeCheck]] | None = None
    if check:
        drawn = state_arrays(module, state_draws(module, state))
        extra, checks = derivative_checks(module, graphs, drawn, operations)
        second = (extra, emit(extra, THREADS), checks) if checks else None
    test = SelfTest(module, emitted, graphs, state, operations)
    source = test.text(second)
    memory = memory_report(module, graphs, emitted).as_rows()
    texts = {
        f"{name}.h": emitted.header,
        f"{name}.c": emitted.source,
        f"{name}_test.c": source,
        "Makefile": makefile(name, THREADS, second[0].name if second else None),
        "README.md": readme(module, emitted, _about_the_test(test, second), memory),
    }
    if second is not None:
        texts[f"{second[0].name}.h"] = second[1].header
        texts[f"{second[0].name}.c"] = second[1].source
    files = {k: text.encode() for k, text in texts.items()}
    return {**files, f"{name}_params.bin": parameter_blob(module, emitted, state)}


def parameter_blob(module: Module, emitted: CSource, state: Mapping[str, np.ndarray]) -> bytes:
    """Return what the module's ``load`` reads: magic, fingerprint, state, FNV-1a of all before."""
    size = sum(buffer_bytes(b, {}) for b in module.state.values())
    held = bytearray(size)
    for label, buffer in module.state.items():
        array = np.ascontiguousarray(state[label], buffer.dtype.numpy.newbyteorder("<"))
        at = emitted.state_offsets[label]
        held[at : at + array.nbytes] = array.tobytes()
    blob = MAGIC + emitted.fingerprint.to_bytes(8, "little") + bytes(held)
    return blob + fnv1a(blob).to_bytes(8, "little")


def fnv1a(data: bytes) -> int:
    """Return the 64-bit FNV-1a hash.

    Examples
    --------
    >>> hex(fnv1a(b"foobar"))
    '0x85944171f73967e8'
    """
    value = 14695981039346656037
    for byte in data:
        value = ((value ^ byte) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return value


def _about_the_test(test: SelfTest, second: object) -> list[str]:
    lines = [
        "`make check` calls every entry point on pseudo-random inputs at several sizes, 0 and the",
        "largest among them, and compares outputs and new state with what a float64 interpreter",
        "got; an element may be off by what rounding explains. It fills the working memory with",
        "NaN first, tries sizes, indices, blobs and memory that must be refused with everything",
        "left as it was, and loads the parameter file. Sizes at which the interpreter would take",
        "too long are left out.",
    ]
    if second is not None:
        lines += [
            "For the gradient, a second module holds the products J·v and Jᵀ·u of the Jacobian of",
            "every entry point: the test compares ⟨u, J·v⟩ with ⟨Jᵀ·u, v⟩ at random points, both",
            "with a difference quotient, computed in double precision without any chain rule.",
        ]
    lines += [
        "",
        f"On a microcontroller: the test writes to {test.memory:,} bytes of its own, the contexts",
        "among them; its tables are constant, and there is no heap. Compiled with",
        "`-DGRAPHDL_NO_STDIO` it needs neither files nor `printf` and has no `main`; then",
        f"`int {test.function}(int *of)` returns how many checks failed, and tells of how many.",
    ]
    return lines
