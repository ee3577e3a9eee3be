"""Models whose standalone folders are tested."""

import numpy as np

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.compiler import CompiledModule

OPTIMIZERS = {
    "sgd": lambda: optim.SGD(0.1),
    "momentum": lambda: optim.SGD(gd.input("lr", ()), momentum=0.9),
    "adam": lambda: optim.Adam(1e-2),
}


def digits(
    optimizer: str = "adam", target: str = "c", most: int = 9, activation: str = "relu"
) -> CompiledModule:
    """Return a small classifier with a prediction and a training step."""
    x, y = gd.input("x", ("N", 6)), gd.input("y", ("N",), dtype="int32")
    net = nn.Sequential(nn.Dense(6, 8, activation=activation), nn.Dense(8, 4))
    logits = net(x)
    loss = losses.softmax_cross_entropy(logits, y)
    forward = gd.Graph({"loss": loss, "probs": gd.softmax(logits)}, name="forward")
    train = gd.train_step(loss, OPTIMIZERS[optimizer](), name="train")
    return gd.compile([forward, train], target=target, name="digits", dims={"N": most})


def batch(count: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and labels."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((count, 6)).astype(np.float32)
    return x, rng.integers(0, 4, count).astype(np.int32)
