"""The pytest plugin: fixtures, options, reports, xdist, and that it costs nothing."""

import re
import subprocess
import sys

import pytest

from tools.wheel import ROOT, unpack

pytest_plugins = ["pytester"]

SUITE = """
import pytest
import graphdl as gd

wrong = gd.define_op("plugin_wrong", lambda x: x * x, grads=lambda x, y: (3.0 * x,), replace=True)

@pytest.mark.parametrize("n", [1, 2])
def test_right(assert_grad, n):
    assert assert_grad(gd.sum(gd.tanh(gd.param("w", (n,)))))

@pytest.mark.parametrize("name", ["a/b", "a b", "<script>"])
def test_wrong(assert_grad, name):
    assert_grad(gd.sum(wrong(gd.param("w", (3,)))))

def test_different(assert_same):
    x = gd.input("x", ("N",))
    for _ in range(2):
        with pytest.raises(AssertionError):
            assert_same(gd.relu(x), gd.abs(x))
    assert_same(gd.relu(x), gd.abs(x))

def test_module(assert_module):
    g = gd.Graph({"y": gd.tanh(gd.input("x", ("N",)))}, name="f")
    m = gd.compile(g, "numpy", dims={"N": 9})
    assert_module(m, g)
    assert_module(lambda x: {"y": m.f(x)["y"] * 1.001}, g)
"""

PAGES = 3 + 3 + 1  # three names, three times different, one module


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "xdist"])
def test_failures_leave_a_page_each(run_pytest, pytester, options):
    pytester.makepyfile(test_suite=SUITE)
    result = run_pytest("--graphdl-report=out/pages", *options)
    result.assert_outcomes(passed=2, failed=5)
    result.stdout.fnmatch_lines(["graphdl: 1 agrees, 7 failed, 2 proved"])
    written = sorted((pytester.path / "out" / "pages").iterdir())
    assert len(written) == PAGES
    listed = [line for line in result.outlines if line.startswith("report: ")]
    assert listed == [f"report: {path}" for path in written]
    for path in written:
        assert re.fullmatch(r"test_suite\.py-test_[\w.-]+\.html", path.name)
        text = path.read_text("utf-8")
        assert "http" not in text
        assert "<script" not in text
        assert "pytest " in text


def test_without_a_cache_or_a_folder_nothing_is_written(run_pytest, pytester):
    pytester.makepyfile(test_suite=SUITE)
    result = run_pytest("-q", "-k", "test_wrong or test_different")
    result.assert_outcomes(failed=4)
    assert not list(pytester.path.rglob("*.html"))
    result.stdout.fnmatch_lines(
        [
            "*test_wrong[[]a b]*",
            ">       assert_grad(gd.sum(wrong(gd.param(*",  # the user's line, not ours
            "E * the gradient of the loss is wrong",
            "E  *name *expected *got *digits *rule *file:line",
            "E  *d/dw*~w += *  test_suite.py:12",
            "E  *repeat: pytest 'test_suite.py::test_wrong[[]a b]' --graphdl-seed=0",
        ]
    )
    result.stdout.no_fnmatch_line("*graphdl/testing/gradients.py:*")


OPTIONS = """
import graphdl as gd

def test_options(assert_grad, assert_same, assert_module, graphdl_reporter):
    assert assert_grad.options["seed"] == assert_same.options["seed"] == 7
    assert assert_module.options["seed"] == 7
    assert assert_grad.options["digits"] == 3.5
    assert assert_grad.options["method"] is None
    assert str(graphdl_reporter.folder).endswith("pages")
    assert graphdl_reporter.command.endswith("--graphdl-seed=7 --graphdl-digits=3.5")
    assert_grad(gd.sum(gd.tanh(gd.param("w", (3,)))), digits=4)
"""


def test_options_and_ini_values(run_pytest, pytester):
    pytester.makepyfile(OPTIONS)
    options = ["--graphdl-seed=7", "--graphdl-digits=3.5", "--graphdl-report=pages"]
    run_pytest(*options).assert_outcomes(passed=1)
    pytester.makeini(
        "[pytest]\ngraphdl_seed = 7\ngraphdl_digits = 3.5\ngraphdl_report = deep/pages\n"
    )
    run_pytest("-n", "1").assert_outcomes(passed=1)


def test_an_option_that_is_no_number_is_refused(run_pytest):
    result = run_pytest("--graphdl-seed=x")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--graphdl-seed x: not a number"])


def test_loading_the_plugin_imports_nothing_but_two_small_modules():
    code = """
import sys, pytest
before = set(sys.modules)
import graphdl.testing.plugin
print(*sorted(set(sys.modules) - before))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    expected = "graphdl graphdl._layout graphdl._version graphdl.testing graphdl.testing.plugin"
    assert done.stdout.split() == expected.split(), done.stderr


def test_it_is_an_entry_point():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert '[project.entry-points.pytest11]\ngraphdl = "graphdl.testing.plugin"\n' in project


def test_it_is_active_where_the_wheel_is_installed(pytester, monkeypatch):
    unpack(pytester.path / "site")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "site"))
    pytester.makepyfile("def test_there(assert_grad, assert_same, assert_module): pass")
    pytester.run(sys.executable, "-m", "pytest").assert_outcomes(passed=1)
