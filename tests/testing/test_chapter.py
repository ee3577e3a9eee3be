"""The chapter docs/testing.md: its files are a user's suite, its commands are run."""

import re
import shlex

import pytest

from graphdl.codegen.toolchain.compiler import has_compiler
from tools.wheel import ROOT

pytest_plugins = ["pytester"]

CHAPTER = (ROOT / "docs" / "testing.md").read_text("utf-8")
FENCE = re.compile(r"^```(python|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = FENCE.findall(CHAPTER)
FILES = {text.split()[1]: text for kind, text in BLOCKS if kind == "python" and text[:2] == "# "}
RUNS = [text for kind, text in BLOCKS if kind == "console"]


@pytest.mark.parametrize("text", RUNS, ids=lambda text: text.split()[2])
def test_commands_print_what_the_chapter_shows(run_pytest, pytester, text):
    for name, source in FILES.items():
        fitting = source if has_compiler() else source.replace('target="c"', 'target="numpy"')
        (pytester.path / name).write_text(fitting, "utf-8")
    command, *lines = text.splitlines()
    result = run_pytest(*shlex.split(command.removeprefix("$ "))[1:])
    result.stdout.fnmatch_lines([line.replace("[", "[[]").replace("…", "*") for line in lines])
    if "report" in text:
        (page,) = (pytester.path / "reports").iterdir()
        assert "hand_swish" in page.read_text("utf-8")


def test_the_chapter_has_them_all():
    assert len(RUNS) == 3
    assert sorted(FILES) == [
        "test_by_hand.py",
        "test_network.py",
        "test_swish.py",
        "test_torch_and_jax.py",
    ]
