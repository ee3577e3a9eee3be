"""The command line: verbs, exit codes, JSON, and what stands on which stream."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graphdl import cli
from graphdl.cli import model as models
from graphdl.codegen.toolchain.compiler import has_compiler
from tools.wheel import ROOT

MODEL = """
import graphdl as gd
print("a model may print")
x = gd.input("x", ("N", 3))
w = gd.param("w", (3, 2))
y = gd.tanh(x @ w)
loss = gd.mean(y * y)
forward = gd.Graph({"loss": loss, "y": y}, name="forward")
number = 7
wrong = gd.define_op("cli_wrong", lambda x: x * x, grads=lambda x, y: (x,), replace=True)
bad = gd.sum(wrong(w))

def both():
    return [gd.Graph({"y": y}, name="predict"), gd.train_step(loss, gd.optim.SGD(0.1))]

def compiled():
    return gd.compile(forward, "numpy", dims={"N": 8})

def altered():
    return gd.Graph({"loss": loss, "grad_w": gd.grad(loss, w)[0] * 2.0})

def tampered():
    step = gd.train_step(loss, gd.optim.SGD(0.1))
    return [step, gd.Graph(step.outputs, updates={w: w + (w - step.updates[w])})]

def broken():
    return 1 / 0

def mismatched():
    return x + gd.input("z", (4,))
"""


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(MODEL, "utf-8")
    return str(path)


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Return a function that runs the command and returns exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRAPHDL_DEBUG", raising=False)

    def call(*arguments):
        with pytest.raises(SystemExit) as end:
            cli.main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return end.value.code or 0, captured.out, captured.err

    return call


def answer(result):
    code, out, err = result
    return code, json.loads(out), err


def test_verify(run, model):
    code, out, err = run("verify", f"{model}:loss")
    assert code == 0
    assert out.startswith("proved by the chain rule")
    assert err == "a model may print\n"


def test_a_wrong_gradient_is_exit_code_1(run, model):
    code, out, _ = run("verify", f"{model}:bad")
    assert code == 1
    assert out.startswith("refuted")
    code, found, _ = answer(run("verify", f"{model}:bad", "--json"))
    assert code == 1
    assert (found["ok"], found["verdict"]) == (False, "refuted")
    assert found["counterexample"]["variable"] == "w"


@pytest.mark.parametrize("name", ["loss", "forward", "both"])
def test_verify_finds_the_loss(run, model, name):
    code, found, _ = answer(run("verify", f"{model}:{name}", "--json", "--points", 2))
    assert code == 0
    assert found["verdict"] == "proved"
    assert found["points"] == 2


@pytest.mark.parametrize(
    ("name", "verdict", "code"),
    [("compiled", "checked", 0), ("altered", "refuted", 1), ("tampered", "checked", 0)],
)
def test_verify_of_modules_gradients_and_steps(run, model, name, verdict, code):
    found_code, found, _ = answer(run("verify", f"{model}:{name}", "--json"))
    assert (found_code, found["verdict"]) == (code, verdict)
    keys = {"method", "digits", "points", "steps", "counterexample", "wrong"}
    assert keys <= found.keys()
    if name == "altered":
        assert found["counterexample"]["values"]
        assert found["wrong"]["expected"] * 2.0 == pytest.approx(found["wrong"]["got"])
    if name == "tampered":
        assert [r["verdict"] for r in found["all"]] == ["proved", "checked"]


def test_draw_backward_of_a_loss_and_forward_of_a_graph(run, model, tmp_path):
    code, out, _ = run("draw", f"{model}:loss", "-o", tmp_path / "b.dot")
    assert code == 0
    assert "b.dot" in out
    code, found, _ = answer(run("draw", f"{model}:forward", "-o", tmp_path / "f.dot", "--json"))
    assert (code, found["graph"]) == (0, "forward")
    backward, forward = ((tmp_path / f).read_text("utf-8") for f in ("b.dot", "f.dot"))
    assert "w̄" in backward
    assert "w̄" not in forward


def test_draw_one_of_several_graphs(run, model, tmp_path):
    code, _, err = run("draw", f"{model}:both", "-o", tmp_path / "x.dot")
    assert code == 2
    assert "--graph predict" in err
    code, _, _ = run("draw", f"{model}:both", "--graph", "train", "-o", tmp_path / "x.dot")
    assert code == 0


def test_draw_refuses_an_unknown_format(run, model):
    code, _, err = run("draw", f"{model}:loss", "-o", "b.bmp")
    assert code == 2
    assert "remedy" in err


def test_explain(run, model):
    code, out, _ = run("explain", f"{model}:loss")
    assert code == 0
    assert "Step 1" in out
    code, out, _ = run("explain", f"{model}:loss", "--latex")
    assert code == 0
    assert "\\bar" in out
    _, found, _ = answer(run("explain", f"{model}:loss", "--json"))
    assert found["latex"].strip() == out.strip()


@pytest.mark.parametrize("target", ["c", "numpy"])
def test_compile_writes_a_folder(run, model, tmp_path, target):
    if target == "c" and not has_compiler():
        return
    folder = tmp_path / "made"
    code, found, _ = answer(
        run("compile", f"{model}:both", "--target", target, "--out", folder, "--dims", "N=8",
            "--name", "net", "--json")
    )  # fmt: skip
    assert code == 0
    assert found["entries"] == ["predict", "train"]
    assert ("net.c" if target == "c" else "net.py") in found["files"]
    assert all((folder / name).stat().st_size == size for name, size in found["files"].items())


def test_compile_needs_maxima_and_a_known_target(run, model, tmp_path):
    code, _, err = run("compile", f"{model}:both", "--out", tmp_path / "o")
    assert code == 2
    assert "--dims N=256" in err
    code, _, err = run("compile", f"{model}:both", "--out", tmp_path / "o", "--target", "java")
    assert code == 2
    assert "c or numpy" in err
    code, _, err = run("compile", f"{model}:both", "--out", tmp_path / "o", "--dims", "N")
    assert code == 2
    assert not (tmp_path / "o").exists()


def test_bench(run, model):
    code, found, _ = answer(
        run("bench", f"{model}:both", "--target", "numpy", "--target", "interp", "--dims", "N=4",
            "--seconds", 0.01, "--json")
    )  # fmt: skip
    assert code == 0
    assert found["dims"] == {"N": 4}
    assert {(t["entry"], t["target"]) for t in found["timings"]} == {
        (e, t) for e in ("predict", "train") for t in ("numpy", "interp")
    }
    assert all(t["median_seconds"] > 0 and t["calls"] >= 5 for t in found["timings"])
    code, out, _ = run("bench", f"{model}:both", "--target", "interp", "--seconds", 0.01)
    assert code == 0
    assert "µs" in out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("net.py", "file.py:name"),
        ("nowhere.py:loss", "no file"),
        ("net.py:nothing", "its graphs and nodes: x, w, y, loss, forward, bad"),
        ("net.py:number", "no model"),
        ("net.py:broken", "ZeroDivisionError"),
        ("net.py:mismatched", "do not broadcast"),
    ],
)
def test_wrong_models_are_exit_code_2_without_traceback(run, model, given, message):
    code, out, err = run("verify", given)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert out == ""
    code, found, err = answer(run("verify", given, "--json"))
    assert code == 2
    assert found["ok"] is False
    assert found["error"]["type"].endswith("Error")


def test_the_line_of_a_model_that_fails_is_named(run, model):
    line = MODEL.splitlines().index("    return 1 / 0") + 1
    _, found, _ = answer(run("verify", f"{model}:broken", "--json"))
    assert found["error"]["site"] == f"{model}:{line}"
    _, found, _ = answer(run("verify", f"{model}:number", "--json"))
    assert found["error"]["site"] is None


def test_debug_shows_the_traceback(run, model, monkeypatch):
    monkeypatch.setenv("GRAPHDL_DEBUG", "1")
    code, _, err = run("verify", f"{model}:broken")
    assert code == 2
    assert "Traceback" in err


def test_a_mistake_of_ours_is_told_apart(run, model, monkeypatch):
    def crash(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(models, "load", crash)
    code, _, err = run("verify", f"{model}:loss")
    assert code == 70
    assert "RuntimeError" in err


@pytest.mark.parametrize("arguments", [["verify"], ["no-such-verb"], ["verify", "x", "--nope"]])
def test_wrong_arguments_are_exit_code_2(run, arguments):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert err


def test_help_of_every_verb(run):
    for verb in ("compile", "draw", "verify", "explain", "bench"):
        code, out, _ = run(verb, "--help")
        assert code == 0
        assert "--json" in out


def process(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_python_m_graphdl_and_no_color(model):
    done = process("-m", "graphdl", "verify", f"{model}:nothing", NO_COLOR="1", FORCE_COLOR="1")
    assert done.returncode == 2
    assert "\x1b[3" not in done.stderr
    assert "ModelError" in done.stderr


def test_import_and_help_load_nothing_heavy():
    code = """
import sys
from graphdl.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
heavy = {"numpy", "sympy", "networkx", "graphviz"} & set(sys.modules)
print("loaded:", sorted(heavy))
"""
    assert process("-c", code).stdout.splitlines()[-1] == "loaded: []"


def test_models_import_their_neighbours(tmp_path):
    (tmp_path / "neighbour_of_model.py").write_text("size = 3\n", "utf-8")
    text = "import graphdl as gd\nfrom neighbour_of_model import size\nx = gd.input('x', (size,))\n"
    (tmp_path / "net.py").write_text(text, "utf-8")
    assert models.load(f"{tmp_path / 'net.py'}:x").node.shape == (3,)
    assert str(tmp_path) not in sys.path


def test_the_example_model_is_one():
    found = models.load(f"{Path(ROOT) / 'examples' / 'mlp_model.py'}:model")
    assert [g.name for g in found.graphs] == ["predict", "train"]
    assert importlib.util.find_spec("mlp_model") is None
