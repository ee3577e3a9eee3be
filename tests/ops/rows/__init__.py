"""Cases of the functions that are not elementwise: each module here gives its ``rows()``."""

import importlib
import pkgutil
from collections.abc import Iterator

from tests.ops.cases import Case


def rows() -> Iterator[Case]:
    for found in pkgutil.iter_modules(__path__):
        if found.name != "shared":
            yield from importlib.import_module(f"{__name__}.{found.name}").rows()
