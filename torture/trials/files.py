"""Files can't hurt: damaged and lying ones are refused with a typed error, or loaded right."""

from __future__ import annotations

import ctypes
import functools
import json
import mmap
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import graphdl as gd
from graphdl.codegen.toolchain.compiler import has_compiler
from graphdl.compiler import CompiledModule
from graphdl.ir.errors import StateError
from torture.damage import damaged, huge, lying
from torture.limits import Clock, TooLongError, memory_limit
from torture.scratch import scratch
from torture.trial import Trial

SECONDS, MEGABYTES = 2.0, 512
_OVERSIZED = 1 << 36
_DTYPES = {
    "BOOL": "bool", "U8": "uint8", "I32": "int32", "I64": "int64", "F32": "float32",
    "F64": "float64",
}  # fmt: skip


@dataclass(frozen=True)
class Loader:
    """Something that reads files.

    Attributes
    ----------
    name : str
        As findings call it.
    valid : bytes
        A file that it takes.
    load : callable
        Loads from a path; what it may raise is in `errors`.
    state : callable
        Returns the state's bytes by name, to see what has changed.
    errors : tuple of exception types
        What a refusal looks like.
    wanted : callable
        Returns what a file's contents stand for, by a reader of its own; None for no state at all.
    """

    name: str
    valid: bytes
    load: Callable[[Path], object]
    state: Callable[[], Mapping[str, bytes]]
    errors: tuple[type[Exception], ...]
    wanted: Callable[[bytes], Mapping[str, bytes] | None]


def model(target: str) -> CompiledModule:
    """Return a module with state of every dtype, with and without axes, one without elements."""
    x = gd.input("x", ("N", 3))
    w, flags = gd.param("w", (3, 2)), gd.state("flags", (3,), "bool")
    table, steps = gd.state("table", (2, 2), "uint8"), gd.state("steps", (), "int64")
    small, exact = gd.state("small", (2,), "int32"), gd.state("exact", (), "float64")
    none = gd.state("none", (0, 4))
    y = x @ w + gd.cast(gd.sum(table), "float32") + gd.sum(none) + gd.cast(exact, "float32")
    updates = {steps: steps + 1, flags: ~flags, small: small + 1}
    graph = gd.Graph({"y": y}, updates=updates, name="step")
    module = gd.compile(graph, target, dims={"N": 4})
    fill(module)
    return module


def fill(module: CompiledModule, seed: int = 0) -> None:
    """Give all state values that differ."""
    numbers = np.random.default_rng(seed)
    for name, array in module.state.items():
        module.state[name] = numbers.integers(0, 100, array.shape).astype(array.dtype)


def _arrays(data: bytes) -> Mapping[str, bytes] | None:
    """Read a safetensors file as its specification says: no overlap, no gap."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    place, found = 0, {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        count = np.prod(entry["shape"], dtype=object)
        if begin != place or end - begin != count * np.dtype(_DTYPES[entry["dtype"]]).itemsize:
            return None
        found[name], place = data[8 + size + begin : 8 + size + end], end
    return found if 8 + size + place == len(data) else None


def _ours() -> Loader:
    module = model("numpy")
    with tempfile.TemporaryDirectory() as folder:
        module.save_state(Path(folder, "state"))
        valid = Path(folder, "state").read_bytes()
    return Loader(
        *("load_state", valid, module.load_state, functools.partial(_bytes, module.state)),
        *((StateError,), _arrays),
    )


def _standalone() -> Loader:
    """Return the reader that a folder of NumPy brings with it."""
    namespace: dict[str, object] = {}
    exec(model("numpy").source, namespace)
    module = namespace["Module"]()  # type: ignore[operator]
    with tempfile.TemporaryDirectory() as folder:
        model("numpy").save_state(Path(folder, "state"))
        module.load_state(Path(folder, "state"))
        module.save_state(Path(folder, "state"))
        valid = Path(folder, "state").read_bytes()
    return Loader(
        *("standalone NumPy", valid, module.load_state, functools.partial(_bytes, module.state)),
        *((ValueError,), _arrays),
    )


def _bytes(state: Mapping[str, np.ndarray]) -> Mapping[str, bytes]:
    return {name: array.tobytes() for name, array in state.items()}


class _Refused(Exception):
    """The C function returned an error code."""


class Blobs:
    """The loader of the C folder, on memory that ends where the blob does."""

    def __init__(self) -> None:
        self.module = model("c")
        executable = self.module._executable
        self.library = ctypes.CDLL(str(executable.library.path))  # type: ignore[attr-defined]
        self.context = ctypes.c_void_p(executable.context)  # type: ignore[attr-defined]
        self.bytes = self._function("blob_bytes", ctypes.c_size_t)()
        self._save, self._load = (self._function(n, ctypes.c_int) for n in ("save", "load"))
        # Two pages, of which the second cannot be read: reading beyond the end is a crash.
        self.page = mmap.PAGESIZE * 4
        self.memory = mmap.mmap(-1, self.page + mmap.PAGESIZE)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        protect = ctypes.CDLL(None).mprotect
        if protect(ctypes.c_void_p(self.address + self.page), mmap.PAGESIZE, 0):
            raise OSError("mprotect failed")

    def _function(self, name: str, result: type) -> Callable[..., int]:
        function = getattr(self.library, f"{self.module.name}_{name}")
        function.restype = result
        return function  # type: ignore[no-any-return]

    def save(self) -> bytes:
        """Return the blob of the state."""
        blob = ctypes.create_string_buffer(self.bytes)
        self._save(self.context, blob, ctypes.c_size_t(self.bytes))
        return blob.raw

    def load(self, path: Path) -> None:
        """Load a blob."""
        data = path.read_bytes()[: self.page]
        at = self.address + self.page - len(data)
        ctypes.memmove(at, data, len(data))
        if self._load(self.context, ctypes.c_void_p(at), ctypes.c_size_t(len(data))):
            raise _Refused

    def loader(self) -> Loader:
        """Return the loader; a blob is right if saving gives it back."""
        return Loader(
            *("C blob", self.save(), self.load, lambda: {"blob": self.save()}),
            *((_Refused,), lambda data: {"blob": data}),
        )


@functools.cache
def loaders() -> tuple[Loader, ...]:
    """Return all loaders that this machine can make."""
    return (_ours(), _standalone(), *([Blobs().loader()] if has_compiler() else []))


def _contents(chance: random.Random, loader: Loader) -> bytes:
    """Return one hostile file."""
    which = chance.random()
    if which < 0.01:
        return huge(chance)
    if loader.name == "C blob" and which < 0.2:  # damaged, but with the right checksum
        body = damaged(chance, loader.valid[:-8])
        return body + _fnv1a(body).to_bytes(8, "little")
    if loader.name != "C blob" and which < 0.6:
        data = lying(chance, loader.valid)
        return damaged(chance, data) if which < 0.1 else data
    return damaged(chance, loader.valid)


def _fnv1a(data: bytes) -> int:
    found = 14695981039346656037
    for byte in data:
        found = (found ^ byte) * 1099511628211 & 0xFFFF_FFFF_FFFF_FFFF
    return found


def _write(chance: random.Random, loader: Loader, path: Path) -> bytes:
    """Write one hostile file and return its contents, or its beginning if it is oversized."""
    data = _contents(chance, loader)
    with path.open("wb") as file:
        file.write(data)
        if loader.name != "C blob" and chance.random() < 0.005:
            file.truncate(_OVERSIZED)  # it holds zeros that take no room
    return data


def _wrong(loader: Loader, path: Path, data: bytes) -> str | None:
    """Load one file; return what is wrong about how that went."""
    before = loader.state()
    try:
        loader.load(path)
    except loader.errors:
        return None if loader.state() == before else "a refused file has changed the state"
    except (Exception, TooLongError) as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    if path.stat().st_size == _OVERSIZED:
        return "an oversized file was loaded"
    try:
        wanted = loader.wanted(data)
    except Exception:  # whatever is wrong with the file
        wanted = None
    if wanted is None:
        return "a malformed file was loaded"
    return None if loader.state() == wanted else "loaded, but not what the file holds"


def _tried(units: range) -> Iterator[str]:
    with scratch() as folder, Clock(SECONDS) as clock:
        path = folder / "state"
        for unit in units:
            chance = random.Random(unit)
            loader = loaders()[unit % len(loaders())]
            data = _write(chance, loader, path)
            clock.start()
            wrong = _wrong(loader, path, data)
            if wrong:
                yield f"unit {unit}, {loader.name}: {wrong}"


def run(units: range) -> list[str]:
    """Load hostile files, each within its limits."""
    loaders()
    with memory_limit(MEGABYTES):
        return list(_tried(units))


TRIAL = Trial(
    name="files",
    promise="A hostile file is refused with a typed error or loaded right, in 2 s and 512 MB",
    unit="files",
    count=1_000_000,
    batch=10_000,
    run=run,
)
