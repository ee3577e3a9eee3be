"""Every op has a page, made from what is executed; stored pages are what is made now."""

import os
import re
import subprocess
import sys

import pytest

from tools.reference.__main__ import FOLDER, ROOT, contents
from tools.reference.page import digest, drawing, example, page
from tools.reference.samples import samples

SAMPLES = samples()
PAGES = {name: page(name, sample) for name, sample in SAMPLES.items()}
each_op = pytest.mark.parametrize("name", SAMPLES)
REMEDY = "run python -m tools.reference"


@each_op
def test_page_is_current(name):
    assert (FOLDER / f"{name}.md").read_text("utf-8") == PAGES[name], REMEDY


@each_op
def test_picture_is_current(name):
    stored = (FOLDER / "images" / f"{name}.svg").read_text("utf-8")
    assert digest(drawing(SAMPLES[name]).dot) in stored, REMEDY


@each_op
def test_every_op_shows_an_example(name):
    assert list(example(SAMPLES[name])), "its docstring needs a section Examples"


@each_op
def test_math_fits_a_line_and_is_sound(name):
    for shown in re.findall(r"\$\$(.*?)\$\$", PAGES[name], re.DOTALL):
        assert shown.isascii()
        bare = re.sub(r"\\[{}\\]", "", shown)
        assert bare.count("{") == bare.count("}")
        assert shown.count(r"\left") == shown.count(r"\right")
        assert shown.count(r"\begin{") == shown.count(r"\end{")
        for line in re.split(r"\\\\", shown):
            written = re.sub(
                r"\\(?:operatorname|mathrm|text|bar|overline|left|right)\b|[{}$&]", "", line
            )
            assert len(re.sub(r"\\[a-zA-Z]+", "x", written).replace(" ", "")) <= 100, line


def test_no_page_is_left_over():
    assert {p.stem for p in FOLDER.glob("*.md")} == {"README", *SAMPLES}
    assert {p.stem for p in (FOLDER / "images").glob("*.svg")} == SAMPLES.keys()
    assert (FOLDER / "README.md").read_text("utf-8") == contents(list(SAMPLES))


def test_pages_do_not_depend_on_the_hash_seed():
    code = (
        "from tools.reference.page import drawing, page\n"
        "from tools.reference.samples import samples\n"
        "for name, sample in samples().items():\n"
        "    print(page(name, sample), drawing(sample).dot)"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            stdout=subprocess.PIPE,
        )
        for seed in ("1", "2")
    ]
    made = [run.communicate()[0] for run in runs]
    assert all(run.returncode == 0 for run in runs)
    assert made[0]
    assert made[0] == made[1]
