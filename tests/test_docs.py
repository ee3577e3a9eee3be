"""Every command and every Python block of README and docs is run, every link leads somewhere."""

import html
import os
import re
import shlex
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from graphdl.codegen.toolchain.compiler import has_compiler
from tools.wheel import ROOT

PAGES = [Path(ROOT) / "README.md", *sorted((Path(ROOT) / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page, language):
    return [text for found, text in FENCE.findall(page.read_text("utf-8")) if found == language]


def run(command, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def fitting(text):
    """Return a page's code for this machine: a line `# given: code` is code that precedes it."""
    text = re.sub(r"^# given: ", "", text, flags=re.MULTILINE)
    return text if has_compiler() else text.replace('target="c"', 'target="numpy"')


def test_readme(tmp_path):
    """All Python blocks are one program; then come the commands, in the folders that it wrote."""
    script = "\n".join(fitting(text) for text in blocks(PAGES[0], "python"))
    (tmp_path / "readme.py").write_text(script, "utf-8")
    assert run([sys.executable, "readme.py"], tmp_path).startswith("proved by the chain rule")
    assert {"backward.svg", "backward.dot"} & set(os.listdir(tmp_path))
    assert (tmp_path / "digits-numpy" / "digits.py").is_file()
    shutil.copytree(Path(ROOT) / "examples", tmp_path / "examples")
    for text in blocks(PAGES[0], "sh"):
        run_commands(text, tmp_path)


def run_commands(text, folder):
    for line in text.splitlines():
        verb, *arguments = shlex.split(line, comments=True)
        if verb == "make" and arguments[0] in ("demo", "test"):
            makefile = (Path(ROOT) / "Makefile").read_text("utf-8")
            assert f"\n{arguments[0]}:" in makefile  # to run them here would not end
        elif verb == "cd":
            folder = folder / arguments[0]
        elif verb == "graphdl":
            if "c" not in arguments or has_compiler():
                run([sys.executable, "-m", "graphdl", *arguments], folder)
        elif has_compiler() and shutil.which(verb):
            run([verb, *arguments], folder)


def test_the_quickstart_is_short():
    quickstart = blocks(PAGES[0], "python")[0]
    assert len([line for line in quickstart.splitlines() if line.strip()]) <= 22


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda p: p.name)
def test_python_of_docs(page):
    for text in blocks(page, "python"):
        exec(compile(text, str(page), "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_and_pictures_exist(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_picture_is_what_is_drawn_today():
    """Text of the drawing, not its bytes: versions of Graphviz place things differently."""
    folder = Path(ROOT) / "docs"
    code = "import make_pictures\nfor d in make_pictures.pictures().values(): print(d.dot)"
    dot = run([sys.executable, "-c", code], folder)
    picture = (folder / "images" / "backward.svg").read_text("utf-8")
    assert str(ROOT) not in picture
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    shown = {unicodedata.normalize("NFC", html.unescape(text)) for text in texts}
    for label in ("float32 [N, 64]", "dense1/w", "u₁ = x·w₁", "w̄₂ += hᵀ·ū₂"):
        label = unicodedata.normalize("NFC", label)
        assert label in unicodedata.normalize("NFC", dot)
        assert label in shown
