"""Saving and loading of a module's state in C: one block of bytes that proves what it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from graphdl.codegen.lower.lower import Module

MAGIC = b"graphdl1"


def fingerprint(module: Module) -> int:
    """Return a number that tells states of different forms apart."""
    form = repr([(k, b.dtype.name, b.shape) for k, b in module.state.items()])
    return int.from_bytes(hashlib.sha256(form.encode()).digest()[:8], "little") >> 1


@dataclass(frozen=True)
class Blob:
    """The saved state of a module.

    Attributes
    ----------
    name : str
        Of the module.
    fingerprint : int
        Of the state's names, shapes and dtypes.
    state_bytes : int
        Size of the state, with which the context begins.
    """

    name: str
    fingerprint: int
    state_bytes: int

    @property
    def bytes(self) -> int:
        """The size of a blob."""
        return 16 + self.state_bytes + 8

    def lines(self) -> list[str]:
        """Return the functions that save and load it."""
        name, size = self.name, self.bytes
        return [
            "/* A blob is: magic, fingerprint of names and shapes, state, FNV-1a of all before. */",
            f"static uint64_t {name}_hash(const unsigned char *p, size_t n) {{",
            "    uint64_t hash = UINT64_C(14695981039346656037);",
            "    for (size_t i = 0; i < n; i++) hash = (hash ^ p[i]) * UINT64_C(1099511628211);",
            "    return hash;",
            "}",
            "",
            f"size_t {name}_blob_bytes(void) {{",
            f"    return (size_t){size};",
            "}",
            "",
            f"int {name}_save(const {name} *context, void *blob, size_t bytes) {{",
            "    unsigned char *const out = (unsigned char *)blob;",
            f"    const uint64_t form = UINT64_C({self.fingerprint});",
            "    uint64_t hash;",
            f"    if (bytes < {size}) return 2;",
            f'    memcpy(out, "{MAGIC.decode()}", 8);',
            "    memcpy(out + 8, &form, 8);",
            f"    memcpy(out + 16, context->bytes, {self.state_bytes});",
            f"    hash = {name}_hash(out, {16 + self.state_bytes});",
            f"    memcpy(out + {16 + self.state_bytes}, &hash, 8);",
            "    return 0;",
            "}",
            "",
            f"int {name}_load({name} *context, const void *blob, size_t bytes) {{",
            "    const unsigned char *const in = (const unsigned char *)blob;",
            f"    const uint64_t form = UINT64_C({self.fingerprint});",
            "    uint64_t hash;",
            f'    if (bytes != {size} || memcmp(in, "{MAGIC.decode()}", 8) != 0) return 2;',
            "    if (memcmp(in + 8, &form, 8) != 0) return 2;",
            f"    hash = {name}_hash(in, {16 + self.state_bytes});",
            f"    if (memcmp(in + {16 + self.state_bytes}, &hash, 8) != 0) return 2;",
            f"    memcpy(context->bytes, in + 16, {self.state_bytes});",
            "    return 0;",
            "}",
            "",
        ]
