"""Emitted NumPy that does something else."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "the NumPy printer"
_RANDOM = ("tests/codegen/test_numpy_target.py", "-k", "random_graphs or hand_written or edge")
_ALL = ("tests/codegen/test_numpy_target.py",)
_FOLDER = "codegen/numpy"


def _values(name: str) -> tuple[str, ...]:
    return ("tests/ops/test_registry.py", "-k", f"test_value and {name} and numpy")


BUGS = (
    Bug(
        f"{_FOLDER}/operations.py",
        "np.copyto({out}, {yes}, where={condition})",
        "np.copyto({out}, {yes})",
        _RANDOM,
    ),
    Bug(
        f"{_FOLDER}/operations.py",
        "np.bitwise_xor({out}, {no}, out={out})",
        "np.bitwise_xor({out}, {yes}, out={out})",
        _ALL,
    ),
    Bug(f"{_FOLDER}/reduce.py", 'extra.append("keepdims=True")', "pass", _RANDOM),
    Bug(
        f"{_FOLDER}/allocate.py",
        "if array is source or not timeline.touches(array, buffer):",
        "if array is source or array.buffer is not buffer:",
        _ALL,
    ),
    Bug(
        f"{_FOLDER}/translate.py",
        "if source is not None and not written.isdisjoint(self.sharing.of(source)):",
        "if False:",
        ("tests/codegen/test_numpy_target.py", "tests/codegen/test_lowering.py"),
    ),
    Bug(
        f"{_FOLDER}/contract.py",
        "args, groups = [_turned(right), _turned(left)]",
        "args, groups = [_turned(left), _turned(right)]",
        _RANDOM,
    ),
    Bug(
        f"{_FOLDER}/printer.py",
        'stop = f"stop = min(start + {self._rows}, {count})"',
        'stop = f"stop = start + {self._rows}"',
        _ALL,
    ),
    Bug(
        f"{_FOLDER}/text.py",
        'return "np.inf" if number > 0 else "-np.inf"',
        'return "np.inf"',
        ("tests/codegen/test_literals.py", "-k", "floats and numpy"),
    ),
    Bug(
        f"{_FOLDER}/text.py",
        "return repr(number)",
        "return f'{number:.8g}'",
        ("tests/codegen/test_literals.py", "-k", "floats and numpy"),
    ),
    Bug(
        f"{_FOLDER}/support/erf.py",
        "np.where(size <= 0.5, near",
        "np.where(size <= 0.75, near",
        _values("erf"),
    ),
    Bug(
        f"{_FOLDER}/support/digamma.py",
        "-1 / 240, 1 / 252",
        "-1 / 240, 1 / 262",
        ("tests/codegen/test_gamma_accuracy.py", "-k", "test_numpy and digamma"),
    ),
)
