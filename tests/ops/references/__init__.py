"""What elementwise functions are compared with; each module here is a family.

REFERENCES: function -> the same in NumPy.
DOMAINS: function -> where it is smooth; default (-2, 2), from 0 away.
VARIANTS: function -> attributes to try; default: none.
WHOLE: function -> place of an operand that is no variable -> range of its whole numbers.
"""

import importlib
import pkgutil


def gathered(table):
    found = {}
    for module in pkgutil.iter_modules(__path__):
        given = getattr(importlib.import_module(f"{__name__}.{module.name}"), table, {})
        assert not found.keys() & given.keys()
        found |= given
    return found
