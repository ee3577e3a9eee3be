"""Draws the pictures of README and docs anew: ``python -m docs.make_pictures``."""

from pathlib import Path

import graphdl as gd
from graphdl import losses, nn

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"


def backward():
    """Return the backward graph of a two-layer network, as in README's quickstart."""
    x, y = gd.input("x", ("N", 64)), gd.input("y", ("N",), dtype="int32")
    net = nn.Sequential(nn.Dense(64, 128, activation="relu"), nn.Dense(128, 10))
    return gd.backward_graph(losses.softmax_cross_entropy(net(x), y))


def pictures():
    """Map file names to drawings."""
    return {"backward.svg": gd.draw(backward(), title="")}


def main():
    """Write the pictures; tooltips name source lines from the project's folder on."""
    for name, drawing in pictures().items():
        if drawing.svg is None:
            raise SystemExit("nothing here can draw: install Graphviz")
        (IMAGES / name).write_text(drawing.svg.replace(f"{ROOT}/", ""), "utf-8")


if __name__ == "__main__":
    main()
