"""The trials there are: every module of `torture.trials` that has a ``TRIAL`` or ``TRIALS``."""

from __future__ import annotations

import importlib
import pkgutil

from torture import trials
from torture.trial import Trial


def modules() -> list[str]:
    """Return the names of the modules, sorted, without those that start with an underscore."""
    found = (m.name for m in pkgutil.iter_modules(trials.__path__))
    return sorted(name for name in found if not name.startswith("_"))


def full_name(module: str) -> str:
    """Return the name by which any process imports a module."""
    return f"{trials.__name__}.{module}"


def of_module(name: str) -> list[Trial]:
    """Return the trials of one module, by its full name."""
    module = importlib.import_module(name)
    listed = getattr(module, "TRIALS", None)
    return [module.TRIAL] if listed is None else list(listed)


def discover(only: list[str] | None = None) -> dict[str, list[Trial]]:
    """Return trials by module.

    Parameters
    ----------
    only : list of str, optional
        Names of trials or of modules.

    Raises
    ------
    ValueError
        If a name is unknown, or two trials share one.
    """
    if only and set(only) <= set(modules()):
        return {name: of_module(full_name(name)) for name in sorted(set(only))}
    found = {name: of_module(full_name(name)) for name in modules()}
    names = [trial.name for group in found.values() for trial in group]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two trials are named {', '.join(sorted(twice))}")
    if only is None:
        return found
    if unknown := set(only) - {*names, *found}:
        there = ", ".join(dict.fromkeys([*found, *names]))
        raise ValueError(f"no trial {', '.join(sorted(unknown))}; there are {there}")
    chosen = {m: [t for t in g if m in only or t.name in only] for m, g in found.items()}
    return {module: group for module, group in chosen.items() if group}
