"""Every environment variable that graphdl reads, in one place; all are read when they are needed.

========================  =====================================================================
``GRAPHDL_DEBUG``         0: silent (default); 1: passes and node counts; 2: also the rules that
                          fired; 3: also the text of every graph and program; 4: also the
                          emitted source
``GRAPHDL_VALIDATE``      1: every pass, the lowering and the emitted code are compared with the
                          interpreter as they run, and a difference is traced to the rule and the
                          node (slow; default 0)
``GRAPHDL_DUMP``          a folder that receives the graph after each pass, as text and DOT, the
                          program and the source
``GRAPHDL_CACHE_DIR``     where derivatives and compiled modules are kept (default: the user's)
``GRAPHDL_CC``            the C compiler to use (default: the first that is found)
``GRAPHDL_BINDING``       how compiled modules are called: ``extension`` or ``ctypes``
========================  =====================================================================
"""

from __future__ import annotations

import os
from pathlib import Path


def debug() -> int:
    """Return how much is told on standard error, 0 to 4; anything that is no number counts as 0."""
    text = os.environ.get("GRAPHDL_DEBUG", "")
    return int(text) if text.isdecimal() else 0


def validate() -> bool:
    """Return whether each step of a compilation is checked as it runs."""
    return os.environ.get("GRAPHDL_VALIDATE", "") not in ("", "0")


def dump() -> Path | None:
    """Return the folder for graphs after each pass; None if nobody wants them."""
    text = os.environ.get("GRAPHDL_DUMP", "")
    return Path(text) if text else None


def cache_dir() -> Path | None:
    """Return the folder that replaces the user's cache; None for the usual place."""
    text = os.environ.get("GRAPHDL_CACHE_DIR", "")
    return Path(text) if text else None


def compiler() -> str | None:
    """Return the C compiler that was asked for."""
    return os.environ.get("GRAPHDL_CC") or None


def binding() -> str | None:
    """Return the binding that was asked for."""
    return os.environ.get("GRAPHDL_BINDING") or None
