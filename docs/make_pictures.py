"""Draws the pictures of README and docs anew: ``python docs/make_pictures.py``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import graphdl as gd
from graphdl import losses, nn

IMAGES = Path(__file__).parent / "images"


def backward():
    """Return the backward graph of a two-layer network, as in README's quickstart."""
    x, y = gd.input("x", ("N", 64)), gd.input("y", ("N",), dtype="int32")
    net = nn.Sequential(nn.Dense(64, 128, activation="relu"), nn.Dense(128, 10))
    return gd.backward_graph(losses.softmax_cross_entropy(net(x), y))


def pictures():
    """Map file names to drawings."""
    return {"backward.svg": gd.draw(backward(), title="")}


if __name__ == "__main__":
    for name, drawing in pictures().items():
        drawing.save(IMAGES / name)
