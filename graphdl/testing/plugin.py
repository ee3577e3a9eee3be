"""The pytest plugin: gd.testing's assertions as fixtures, with options for seed and reports.

It is loaded wherever graphdl is installed beside pytest, so it imports nothing but pytest until a
fixture is used.

======================  =====================  ====================================================
option                  ini                    meaning
======================  =====================  ====================================================
``--graphdl-seed``      ``graphdl_seed``       where chance starts in all checks; default 0
``--graphdl-method``    ``graphdl_method``     how ``assert_grad`` establishes a gradient
``--graphdl-digits``    ``graphdl_digits``     decimal digits that ``assert_grad`` asks for
``--graphdl-report``    ``graphdl_report``     folder that receives a page for each failure; by
                                               default one in pytest's cache; empty for none
======================  =====================  ====================================================
"""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphdl.testing.reporting import Reporter

_CHECKS = [f"graphdl.testing.{name}" for name in ("gradients", "graphs", "modules", "peers")]
pytest.register_assert_rewrite(*(name for name in _CHECKS if name not in sys.modules))

OPTIONS = {
    "seed": ("N", "where chance starts in graphdl's checks (default: 0)"),
    "method": ("NAME", "how assert_grad establishes a gradient (see gd.verify)"),
    "digits": ("X", "decimal digits that assert_grad asks for"),
    "report": (
        "DIR",
        "write a page with diagrams there for each check of graphdl that fails (default: in the"
        " cache directory; empty: nowhere)",
    ),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options, each also as an ini value."""
    group = parser.getgroup("graphdl", "gradients, graphs and compiled modules (graphdl)")
    for name, (value, text) in OPTIONS.items():
        group.addoption(f"--graphdl-{name}", metavar=value, default=None, help=text)
        parser.addini(f"graphdl_{name}", text, default=None)


def _given(config: pytest.Config, name: str) -> str | None:
    given = config.getoption(f"graphdl_{name}")
    found = config.getini(f"graphdl_{name}") if given is None else given
    return None if found is None else str(found)


def _option(config: pytest.Config, name: str) -> str | None:
    return _given(config, name) or None


def _number(config: pytest.Config, name: str, kind: type[int] | type[float]) -> Any:
    text = _option(config, name)
    try:
        return None if text is None else kind(text)
    except ValueError:
        raise pytest.UsageError(f"--graphdl-{name} {text}: not a number") from None


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that are no numbers before any test runs."""
    _number(config, "seed", int)
    _number(config, "digits", float)


def _folder(config: pytest.Config) -> Path | None:
    """Return where reports go: an option counts from where pytest runs, an ini value from root."""
    text = _given(config, "report")
    if text is None:
        cache: pytest.Cache | None = getattr(config, "cache", None)  # it may be switched off
        return None if cache is None else cache.mkdir("graphdl-reports")
    given = config.getoption("graphdl_report") is not None
    return (config.invocation_params.dir if given else config.rootpath) / text if text else None


class Bound:
    """An assertion with this run's options; a call may give others."""

    def __init__(self, check: Callable[..., Any], options: dict[str, Any]) -> None:
        self.check, self.options = check, options

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Check."""
        __tracebackhide__ = True
        return self.check(*args, **{**self.options, **options})

    def __repr__(self) -> str:
        return f"<{self.check.__name__} with seed {self.options['seed']}>"


@pytest.fixture
def graphdl_reporter(request: pytest.FixtureRequest) -> Reporter:
    """How checks of this test are named, repeated and reported."""
    from graphdl.testing.reporting import Reporter

    config, node = request.config, request.node
    words = ["pytest", node.nodeid]
    for name in ("seed", "method", "digits"):
        value = _option(config, name)
        if value is not None or name == "seed":
            words.append(f"--graphdl-{name}={value or 0}")
    return Reporter(_folder(config), node.nodeid, shlex.join(words), node.user_properties)


def _bound(name: str, request: pytest.FixtureRequest, reporter: Reporter, **options: Any) -> Bound:
    """Return a function of gd.testing with this run's options."""
    from graphdl import testing

    seed = _number(request.config, "seed", int) or 0
    return Bound(getattr(testing, name), {"seed": seed, "report": reporter, **options})


@pytest.fixture
def assert_grad(request: pytest.FixtureRequest, graphdl_reporter: Reporter) -> Any:
    """``gd.testing.assert_grad`` with this run's seed, method, digits and reports."""
    method, digits = _option(request.config, "method"), _number(request.config, "digits", float)
    return _bound("assert_grad", request, graphdl_reporter, method=method, digits=digits)


@pytest.fixture
def assert_same(request: pytest.FixtureRequest, graphdl_reporter: Reporter) -> Any:
    """``gd.testing.assert_same`` with this run's seed and reports."""
    return _bound("assert_same", request, graphdl_reporter)


@pytest.fixture
def assert_module(request: pytest.FixtureRequest, graphdl_reporter: Reporter) -> Any:
    """``gd.testing.assert_module`` with this run's seed and reports."""
    return _bound("assert_module", request, graphdl_reporter)


@pytest.fixture
def check_numpy_gradient(request: pytest.FixtureRequest, graphdl_reporter: Reporter) -> Any:
    """``gd.testing.check_numpy_gradient`` with this run's seed and reports."""
    return _bound("check_numpy_gradient", request, graphdl_reporter)


@pytest.fixture
def check_torch_gradient(request: pytest.FixtureRequest, graphdl_reporter: Reporter) -> Any:
    """``gd.testing.check_torch_gradient`` with this run's seed and reports."""
    return _bound("check_torch_gradient", request, graphdl_reporter)


@pytest.fixture
def check_jax_gradient(request: pytest.FixtureRequest, graphdl_reporter: Reporter) -> Any:
    """``gd.testing.check_jax_gradient`` with this run's seed and reports."""
    return _bound("check_jax_gradient", request, graphdl_reporter)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Count the verdicts and list the pages; under xdist the tests' properties have come here."""
    found: dict[str, list[tuple[str, object]]] = {}
    failed: set[str] = set()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                known = found.setdefault(report.nodeid, [])
                if len(report.user_properties) >= len(known):  # later phases have all
                    found[report.nodeid] = report.user_properties
                if report.failed:
                    failed.add(report.nodeid)
    told = [
        pair for test, pairs in found.items() for pair in pairs if _is_told(pair, test in failed)
    ]
    verdicts = Counter(str(value) for key, value in told if key == "graphdl")
    pages = [str(value) for key, value in told if key == "graphdl report"]
    if pages:
        terminalreporter.section("graphdl")
    if verdicts and (pages or config.get_verbosity() >= 0):
        counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
        terminalreporter.write_line(f"graphdl: {counts}")
    for path in sorted(pages):
        terminalreporter.write_line(f"report: {path}")


def _is_told(pair: tuple[str, object], failed: bool) -> bool:
    """Whether the summary says it: no failure of a check that a passing test has expected."""
    return failed or (pair[0] != "graphdl report" and pair != ("graphdl", "failed"))
