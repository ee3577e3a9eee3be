"""Where pages go if nobody says where, and what the summary does not say."""

import pytest

pytest_plugins = ["pytester"]

SUITE = """
import pytest
import graphdl as gd

wrong = gd.define_op("reports_wrong", lambda x: x * x, grads=lambda x, y: (3.0 * x,), replace=True)

def test_wrong(assert_grad):
    assert_grad(gd.sum(wrong(gd.param("w", (3,)))))

def test_expected(assert_grad):
    with pytest.raises(AssertionError):
        assert_grad(gd.sum(wrong(gd.param("w", (3,)))))

def test_by_hand(check_numpy_gradient):
    check_numpy_gradient(None, lambda w: 2.1 * w, gd.sum(gd.param("w", (3,)) ** 2))
"""


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "xdist"])
def test_pages_go_to_the_cache(run_pytest, pytester, options):
    pytester.makepyfile(test_suite=SUITE)
    result = run_pytest(*options, cache=True)
    result.assert_outcomes(passed=1, failed=2)
    folder = pytester.path / ".pytest_cache" / "d" / "graphdl-reports"
    assert len(list(folder.iterdir())) == 3
    listed = [line for line in result.outlines if line.startswith("report: ")]
    told = [path for path in sorted(folder.iterdir()) if "expected" not in path.name]
    assert listed == [f"report: {path}" for path in told]
    result.stdout.fnmatch_lines(["graphdl: 2 failed, 1 proved"])


@pytest.mark.parametrize("how", ["option", "ini"])
def test_an_empty_folder_means_none(run_pytest, pytester, how):
    pytester.makepyfile(test_suite=SUITE)
    if how == "ini":
        pytester.makeini("[pytest]\ngraphdl_report =\n")
    result = run_pytest(*(["--graphdl-report="] if how == "option" else []), cache=True)
    result.assert_outcomes(passed=1, failed=2)
    assert not list(pytester.path.rglob("*.html"))
    result.stdout.no_fnmatch_line("*report: /*")


def test_a_failure_by_hand_is_repeated_and_reported_like_the_others(run_pytest, pytester):
    pytester.makepyfile(test_suite=SUITE)
    result = run_pytest("-k", "by_hand", "--graphdl-seed=3", "--graphdl-report=pages")
    result.stdout.fnmatch_lines(
        [
            "E *repeat: *pytest test_suite.py::test_by_hand --graphdl-seed=3",
            "report: */pages/*.html",
        ]
    )


def test_where_nothing_uses_it_next_to_nothing_is_loaded(run_pytest, pytester):
    """What it costs is importing these modules, and pytest's reading of the hooks in one."""
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            loaded = sorted(m for m in sys.modules if m.partition(".")[0] == "graphdl")
            assert len(loaded) == 5, loaded
            assert not {"numpy", "sympy"} & set(sys.modules)
        """
    )
    run_pytest("-p", "no:hypothesispytest").assert_outcomes(passed=1)
