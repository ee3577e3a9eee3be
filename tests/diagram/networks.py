"""Small networks that the tests draw and explain."""

import graphdl as gd


def mlp():
    """Return the loss of a two-layer perceptron."""
    x, t = gd.input("x", ("N", 4)), gd.input("t", ("N", 2))
    with gd.scope("hidden"):
        w, b = gd.param("W", (4, 3)), gd.param("b", (3,))
        h = gd.relu(x @ w + b)
    with gd.scope("output"):
        w, b = gd.param("W", (3, 2)), gd.param("b", (2,))
        y = h @ w + b
    with gd.scope("loss"):
        return gd.mean((y - t) ** 2)


def shared():
    """Return a scalar with a node that is used three times, and its variable."""
    x = gd.input("x", ())
    y = gd.exp(x)
    return y * y + y * x, x


def train(optimizer):
    """Return a training step."""
    x, t = gd.input("x", ("N", 4)), gd.input("labels", ("N",), "int32")
    net = gd.nn.Sequential(gd.nn.Dense(4, 3, "relu"), gd.nn.Dense(3, 2))
    return gd.train_step(gd.losses.softmax_cross_entropy(net(x), t), optimizer)
