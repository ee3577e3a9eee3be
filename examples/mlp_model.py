"""A two-layer network for 8×8 images, as a model of the command line.

graphdl draw examples/mlp_model.py:loss -o backward.svg
graphdl verify examples/mlp_model.py:loss
graphdl compile examples/mlp_model.py:model --dims N=256 --out out/mlp
"""

import graphdl as gd
from graphdl import losses, nn, optim

x = gd.input("x", ("N", 64))
y = gd.input("y", ("N",), dtype="int32")
net = nn.Sequential(nn.Dense(64, 128, activation="relu"), nn.Dense(128, 10))
logits = net(x)
loss = losses.softmax_cross_entropy(logits, y)


def model():
    """Return the entry points of a module: prediction, and one step of training."""
    outputs = {"label": gd.argmax(logits, axis=1), "probs": gd.softmax(logits)}
    return [gd.Graph(outputs, name="predict"), gd.train_step(loss, optim.Adam(1e-3))]
