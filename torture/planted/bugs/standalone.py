"""Standalone folders and saved state that do not say what the module says."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "standalone folders and saved state"
_CHECK = (
    "tests/codegen/test_standalone_c.py",
    "-k",
    "(make_check and adam-vectors and not sanit) or parameters",
)

BUGS = (
    Bug(
        "codegen/c/standalone/__init__.py",
        "at = emitted.state_offsets[label]",
        "at = min(emitted.state_offsets.values())",
        _CHECK,
    ),
    Bug(
        "codegen/c/standalone/__init__.py",
        "value = ((value ^ byte) * 1099511628211)",
        "value = ((value + byte) * 1099511628211)",
        _CHECK,
    ),
    Bug(
        "codegen/c/blob.py",
        'f"    memcpy(context->bytes, in + 16, {self.state_bytes});",',
        'f"    memcpy(context->bytes, in + 8, {self.state_bytes});",',
        _CHECK,
    ),
    Bug(
        "codegen/c/standalone/golden.py",
        "exact = interpret_step(graph, inputs, known, double=True, dims=env)",
        "exact = interpret_step(graph, inputs, known, dims=env)",
        ("tests/codegen/test_goldens.py",),
    ),
    Bug(
        "codegen/numpy/standalone.py",
        "np.ascontiguousarray(state[k]).reshape(state[k].shape)",
        "np.zeros_like(state[k])",
        ("tests/codegen/test_standalone_numpy.py",),
    ),
    Bug(
        "codegen/toolchain/cache.py",
        "*counts, *flags, *key_parts, source)",
        "*counts, *key_parts, source)",
        ("tests/codegen/test_toolchain.py", "-k", "key or flags"),
    ),
    Bug(
        "codegen/toolchain/cache.py",
        'return hashlib.file_digest(file, "sha256").hexdigest() == path.stem',
        "return True",
        ("tests/codegen/test_toolchain.py", "-k", "damaged"),
    ),
    Bug(
        "codegen/state_file.py",
        "        os.replace(temporary, path)\n",
        "        path.write_bytes(data)\n        os.unlink(temporary)\n",
        ("tests/codegen/test_state_file.py",),
    ),
)
