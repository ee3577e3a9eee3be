"""The C vector runtime as text: complete, deterministic, free of warnings, one by one."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graphdl.codegen.c import runtime
from graphdl.codegen.c.runtime import _registry
from graphdl.codegen.c.runtime.snippet import parse_snippet, used_names
from graphdl.codegen.toolchain.compiler import Compiler
from tests.codegen.c_runtime_library import MODES, WARNINGS, compile_c, flags

OWN = (
    *("exp", "expm1", "log", "log1p", "tanh", "sigmoid", "silu", "mish", "gelu", "gelu_tanh"),
    *("erf", "erfc", "cbrt"),
)
MAIN = "\nint main(void) { return 0; }\n"


def test_each_snippet_states_exactly_what_it_uses() -> None:
    registry = _registry()
    known = frozenset(registry)
    for name, snippet in registry.items():
        used = used_names(snippet.simd + snippet.portable, known - {name})
        assert {"types", *used} == set(snippet.requires), name


def test_requirements_stand_before_their_users_and_once() -> None:
    text = runtime.source(["f64v_erf", "f32v_tanh", "i64v_hmax", "f64v_erf"])
    assert text.count("f64v f64v_exp(f64v x) {") == 2  # one for each mode
    assert text.index(" f64v_exp(f64v x)") < text.index(" f64v_erf(f64v x)")
    assert text.index(" i64v_max(") < text.index(" i64v_hmax(")
    assert "f32v_log" not in text


def test_the_order_of_names_does_not_matter() -> None:
    names = sorted(runtime.available())
    assert runtime.source(names) == runtime.source(reversed(names))
    assert runtime.source([]) == runtime.source(["types"])


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError, match="f32v_nothing"):
        runtime.source(["f32v_exp", "f32v_nothing"])


def test_helpers_are_not_offered() -> None:
    assert not [name for name in runtime.available() if name.endswith("_")]


@pytest.mark.parametrize("text", ["", "/* requires: types */\nint x;\n", "#if GRAPHDL_SIMD\n"])
def test_a_malformed_snippet_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="f32v_odd"):
        parse_snippet("f32v_odd", text)


def test_lines_are_short() -> None:
    long = [x for x in runtime.source(runtime.available()).splitlines() if len(x) > 100]
    assert not long


@pytest.mark.parametrize("mode", MODES)
def test_everything_compiles_without_warnings(
    mode: str, tmp_path: Path, needs_cc: Compiler
) -> None:
    text = runtime.source(runtime.available()) + MAIN
    options = ("-O0", "-Wpedantic", *flags(mode, needs_cc.native_flag))
    compile_c(needs_cc.command, text, tmp_path / "all", options)


def test_each_function_compiles_alone(tmp_path: Path, needs_cc: Compiler) -> None:
    """In plain C99, and as vectors wider than the CPU's, which need no intrinsics."""
    plain = flags("plain64", needs_cc.native_flag)

    def one(name: str) -> str:
        code = tmp_path / f"{name}.c"
        code.write_text(runtime.source([name]) + MAIN)
        for options in (("-DGRAPHDL_PORTABLE", "-Wpedantic"), plain):
            words = [*needs_cc.command, *WARNINGS, *options, "-fsyntax-only", str(code)]
            done = subprocess.run(words, capture_output=True, text=True)
            if done.returncode or done.stderr:
                return f"{name} {options}: {done.stderr}"
        return ""

    with ThreadPoolExecutor(2) as pool:
        assert not [message for message in pool.map(one, sorted(runtime.available())) if message]


@pytest.mark.parametrize("mode", [m for m in MODES if m != "portable"])
def test_own_functions_call_nothing(mode: str, tmp_path: Path, needs_cc: Compiler) -> None:
    """The assembly has neither calls nor jumps to other functions."""
    names = [f"{t}_{n}" for t in ("f32v", "f64v") for n in OWN]
    text = runtime.source([*names, *(f"{t}_{v}" for t in ("f32v", "f64v") for v in LOAD)])
    for name in names:
        t, c = name[:4], {"f32v": "float", "f64v": "double"}[name[:4]]
        text += f"void t_{name}(const {c} *p, {c} *q) {{ {t}_store(q, {name}({t}_load(p))); }}\n"
    options = ("-O3", "-fno-math-errno", "-S", *flags(mode, needs_cc.native_flag))
    compile_c(needs_cc.command, text, tmp_path / "own", options)
    lines = (tmp_path / "own").read_text().split("\n")
    code = [line.split() for line in lines if line.startswith("\t") and line[1:2] != "."]
    calls = [x for x in code if x[0] in ("call", "callq", "bl", "b") or "@PLT" in x[-1]]
    jumps = [x for x in code if x[0].startswith("j") and not x[-1].startswith(".L")]
    assert not calls
    assert not jumps


LOAD = ("load", "store")
