"""Build and import the C extension that calls compiled modules, once per machine."""

from __future__ import annotations

import functools
import importlib.machinery
import importlib.util
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import numpy as np

from graphdl import env
from graphdl.codegen.toolchain.cache import load_with_flags
from graphdl.codegen.toolchain.compiler import find_compiler, shared_flags
from graphdl.ir.errors import GraphdlError

_NAME = "graphdl_binding"
_SOURCES = ("binding.c", "binding_lock.c", "binding_call.c", "binding_module.c")


def extension() -> tuple[ModuleType | None, str]:
    """Return the extension module, or None, and a note that says why.

    ``GRAPHDL_BINDING=ctypes`` asks for none; ``GRAPHDL_BINDING=extension`` makes a failure to
    build it an error instead of a reason to use ctypes.

    Raises
    ------
    GraphdlError
        ``GRAPHDL_BINDING`` is something else, or asks for an extension that cannot be built.
    """
    wanted = env.binding() or ""
    if wanted not in ("", "ctypes", "extension"):
        raise GraphdlError(
            f"GRAPHDL_BINDING={wanted!r} is no binding", remedy="use ctypes or extension"
        )
    if wanted == "ctypes":
        return None, "ctypes, as GRAPHDL_BINDING says"
    module, note = _built()
    if module is None and wanted == "extension":
        raise GraphdlError(
            f"the extension cannot be used: {note}", remedy="unset GRAPHDL_BINDING to use ctypes"
        )
    return module, note


@functools.cache
def _built() -> tuple[ModuleType | None, str]:
    if sys.platform == "win32" or sys.implementation.name != "cpython":
        return None, "ctypes, as the extension is for CPython on Unix"
    include = sysconfig.get_path("include")
    if not Path(include, "Python.h").exists():
        return None, f"ctypes, as there is no Python.h in {include}"
    flags = [
        "-O2",
        "-fno-strict-aliasing",  # one block of scratch words holds integers and pointers
        *shared_flags(),
        *(f"-I{path}" for path in dict.fromkeys((include, sysconfig.get_path("platinclude")))),
        f"-I{np.get_include()}",
        *(("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()),
    ]
    abi = (sys.version, str(sysconfig.get_config_var("SOABI")), np.__version__)
    try:
        path = load_with_flags(_source(), find_compiler(), flags, key_parts=abi)
        loader = importlib.machinery.ExtensionFileLoader(_NAME, str(path))
        spec = importlib.util.spec_from_file_location(_NAME, path, loader=loader)
        if spec is None:
            raise ImportError(f"no import spec for {path}")
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    except (GraphdlError, ImportError, OSError) as error:
        return None, f"ctypes, as the extension could not be built: {error}"
    return module, "extension"


def _source() -> str:
    """Return the extension's text; the #line directives make messages name the files."""
    folder = Path(__file__).parent
    return "".join(
        f'#line 1 "{name}"\n{(folder / name).read_text(encoding="utf-8")}' for name in _SOURCES
    )
