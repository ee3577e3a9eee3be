"""The pytest plugin: gd.testing's assertions as fixtures, with options for seed and reports.

It is loaded wherever graphdl is installed beside pytest, so it imports nothing but pytest until a
fixture is used.

======================  =====================  ====================================================
option                  ini                    meaning
======================  =====================  ====================================================
``--graphdl-seed``      ``graphdl_seed``       where chance starts in all checks; default 0
``--graphdl-method``    ``graphdl_method``     how ``assert_grad`` establishes a gradient
``--graphdl-digits``    ``graphdl_digits``     decimal digits that ``assert_grad`` asks for
``--graphdl-report``    ``graphdl_report``     folder that receives a page for each failure
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
    "report": ("DIR", "write a page with diagrams there for each check of graphdl that fails"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options, each also as an ini value."""
    group = parser.getgroup("graphdl", "gradients, graphs and compiled modules (graphdl)")
    for name, (value, text) in OPTIONS.items():
        group.addoption(f"--graphdl-{name}", metavar=value, default=None, help=text)
        parser.addini(f"graphdl_{name}", text, default=None)


def _option(config: pytest.Config, name: str) -> str | None:
    given = config.getoption(f"graphdl_{name}")
    return str(given) if given is not None else (config.getini(f"graphdl_{name}") or None)


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
    text = _option(config, "report")
    if text is None:
        return None
    given = config.getoption("graphdl_report") is not None
    return (config.invocation_params.dir if given else config.rootpath) / text


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


@pytest.fixture
def assert_grad(request: pytest.FixtureRequest, graphdl_reporter: Reporter) -> Any:
    """``gd.testing.assert_grad`` with this run's seed, method, digits and reports."""
    from graphdl.testing.gradients import assert_grad as check

    chosen = {
        "method": _option(request.config, "method"),
        "digits": _number(request.config, "digits", float),
    }
    return Bound(check, {**_common(request, graphdl_reporter), **chosen})


@pytest.fixture
def assert_same(request: pytest.FixtureRequest, graphdl_reporter: Reporter) -> Any:
    """``gd.testing.assert_same`` with this run's seed and reports."""
    from graphdl.testing.graphs import assert_same as check

    return Bound(check, _common(request, graphdl_reporter))


@pytest.fixture
def assert_module(request: pytest.FixtureRequest, graphdl_reporter: Reporter) -> Any:
    """``gd.testing.assert_module`` with this run's seed and reports."""
    from graphdl.testing.modules import assert_module as check

    return Bound(check, _common(request, graphdl_reporter))


def _common(request: pytest.FixtureRequest, reporter: Reporter) -> dict[str, Any]:
    return {"seed": _number(request.config, "seed", int) or 0, "report": reporter}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Count the verdicts and list the pages; under xdist the tests' properties have come here."""
    found: dict[str, list[tuple[str, object]]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                known = found.setdefault(report.nodeid, [])
                if len(report.user_properties) >= len(known):  # later phases have all
                    found[report.nodeid] = report.user_properties
    properties = [pair for pairs in found.values() for pair in pairs]
    verdicts = Counter(str(value) for key, value in properties if key == "graphdl")
    pages = [str(value) for key, value in properties if key == "graphdl report"]
    if pages:
        terminalreporter.section("graphdl")
    if verdicts and (pages or config.get_verbosity() >= 0):
        counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
        terminalreporter.write_line(f"graphdl: {counts}")
    for path in sorted(pages):
        terminalreporter.write_line(f"report: {path}")
