"""Typed errors. Each names what went wrong, where the user wrote it, and the remedy."""

from __future__ import annotations

from collections.abc import Callable

default_site: Callable[[], str] = str
"""Tells the user's ``file:line`` where an error does not know it; ``ir.node`` sets it."""


class GraphdlError(Exception):
    """Base class of every error that graphdl raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong, with the op and the shapes.
    site : str, optional
        The user's ``file:line`` that made the offending node; by default the line that is running.
    remedy : str, optional
        What to write instead.
    """

    def __init__(self, message: str, *, site: str | None = None, remedy: str | None = None) -> None:
        parts = [message]
        site = site or default_site()
        if site:
            parts.append(f"  at: {site}")
        if remedy:
            parts.append(f"  remedy: {remedy}")
        super().__init__("\n".join(parts))
        self.site = site
        self.remedy = remedy


class ShapeError(GraphdlError, ValueError):
    """Shapes do not fit together."""


class DTypeError(GraphdlError, TypeError):
    """A dtype is unknown or not allowed here."""


class DimensionError(GraphdlError, ValueError):
    """A symbolic dim is unknown, beyond its maximum, or bound to two sizes."""


class ArgumentError(GraphdlError, TypeError):
    """A call lacks an argument or has one that nobody knows."""


class UnknownNameError(GraphdlError, LookupError):
    """A name (input, output, state, op, entry point) does not exist."""


class DuplicateNameError(GraphdlError, ValueError):
    """Two different things carry one name."""


class IndexRangeError(GraphdlError, IndexError):
    """An index or a class label lies outside its axis."""


class GradientError(GraphdlError, ValueError):
    """A derivative was asked for that does not exist."""


class GraphError(GraphdlError, ValueError):
    """A graph is malformed."""


class PassError(GraphdlError, RuntimeError):
    """A pass, or code generation, changed what a graph means: a mistake of ours or of a rule.

    Its attribute ``blame`` tells the pass, the rule and the node, with a small case (see
    ``graphdl.validation``); None where the step as a whole is to blame.
    """

    def __init__(
        self,
        message: str,
        *,
        site: str | None = None,
        remedy: str | None = None,
        blame: object = None,
    ) -> None:
        super().__init__(message, site=site, remedy=remedy)
        self.blame = blame


class ParseError(GraphdlError, ValueError):
    """The text form of a graph cannot be read."""


class StateError(GraphdlError, ValueError):
    """Saved state is missing, truncated, or does not fit the module."""
