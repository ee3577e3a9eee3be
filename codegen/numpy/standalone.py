"""Standalone folders of NumPy: one Python file, its parameters, and a README."""

from __future__ import annotations

import keyword
from collections.abc import Mapping

import numpy as np

from graphdl.codegen.folder import plain
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.numpy.module import METHOD_RESERVED, emit
from graphdl.codegen.program import Program
from graphdl.ir.dim_bounds import upper_bound


def numpy_folder(module: Module, state: Mapping[str, np.ndarray]) -> dict[str, bytes]:
    """Return the files of a standalone folder, by name.

    Parameters
    ----------
    module : Module
        Lowered entry points.
    state : mapping of str to ndarray
        What goes into the parameter file.
    """
    from safetensors.numpy import save

    name = module.name
    source = emit(name, module.programs, module.maxima)
    files = {f"{name}.py": source.encode(), "README.md": _readme(module).encode()}
    if module.state:
        arrays = {k: np.ascontiguousarray(state[k]).reshape(state[k].shape) for k in module.state}
        files[f"{name}_params.safetensors"] = save(arrays)
    return files


def _readme(module: Module) -> str:
    name = module.name
    given = f'"{name}_params.safetensors"' if module.state else ""
    program = module.programs[0]
    call = [
        "import numpy as np",
        f"import {name}",
        "",
        f"net = {name}.Module({given})",
        f"out = net.{program.name}({', '.join(_example(module, program))})",
    ]
    call += [f"print(out[{b.label!r}])" for b in program.outputs[:1]]
    state = [
        "`net.state` maps names to arrays; assigning checks and copies. `net.save_state(path)` and",
        "`net.load_state(path)` write and read safetensors files: going on after loading equals",
        "never having stopped.", "",
        "| name | type | shape |", "|---|---|---|",
        *(f"| {plain(k)} | {b.dtype.name} | {_shape(b.shape)} |" for k, b in module.state.items()),
        "",
    ] if module.state else ["This module has no state.", ""]  # fmt: skip
    return "\n".join([
        f"# {name}", "",
        f"A neural network as NumPy, made by graphdl. `{name}.py` imports numpy and what comes",
        "with Python, nothing else: copy it anywhere.", "",
        "## Call", "", "```python", *call, "```", "",
        "Inputs are checked: arrays must have the dtype below, lists and numbers are converted.",
        "Wrong shapes, dtypes or indices raise ValueError, TypeError or IndexError before anything",
        "is computed; state is unchanged then.", "",
        "## Entry points", "",
        *(line for p in module.programs for line in _entry(module, p)),
        "## State", "", *state,
    ])  # fmt: skip


def _example(module: Module, program: Program) -> list[str]:
    """Return arguments of a call with one element in each symbolic dim."""
    env = {d: min(1, module.maxima[d]) for d in program.dims}
    words = []
    for buffer in program.inputs:
        shape = tuple(upper_bound(s, env) for s in buffer.shape)
        array = f"np.zeros({shape}, np.{buffer.dtype.name})".replace("np.bool)", "np.bool_)")
        name = buffer.label
        plain_name = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
        words.append(f"{name}={array}" if plain_name and name not in METHOD_RESERVED else array)
    named = [w for w in words if not w.startswith("np.")]
    return words if len(named) == len(words) else [w.split("=", 1)[-1] for w in words]


def _shape(shape: tuple[object, ...]) -> str:
    return plain("(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")")


def _entry(module: Module, program: Program) -> list[str]:
    limits = ", ".join(f"{plain(d)} from 0 to {module.maxima[d]}" for d in program.dims)
    ranges = {c.buffer: f"in [{c.low}, {c.size})" for c in program.checks}
    rows = [
        f"| {plain(b.label)} | {way} | {b.dtype.name} | {_shape(b.shape)} "
        f"| {plain(ranges.get(b, ''))} |"
        for way, buffers in (("in", program.inputs), ("out", program.outputs))
        for b in buffers
    ]
    head = [f"### {program.name}", ""]
    head += [f"Sizes: {limits}.", ""] if limits else []
    return [*head, "| argument | | type | shape | |", "|---|---|---|---|---|", *rows, ""]
