"""Handwritten digits from data to standalone C and NumPy, in one command: ``make demo``.

scikit-learn's 1797 images of 8×8 pixels are split, a small network is built, its gradient is
checked against an independent method, both passes are drawn, the network is trained by the emitted
C step, saved as two standalone folders, and those are put to the test: the C folder is compiled by
plain ``cc`` somewhere else and classifies the test set, the NumPy module does so in an interpreter
that has nothing but numpy.

python examples/digits.py --out out --epochs 60 --seed 0
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from digits_by_hand import ByHand
from digits_elsewhere import Elsewhere, NotPossible, run_c_program, run_numpy_module
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.codegen.toolchain.errors import CompilerNotFound
from graphdl.compiler import CompiledModule
from graphdl.ir.node import Node

BATCH, LARGEST = 64, 512
LEARNING_RATE = 2e-3
LANGUAGE = {"c": "C", "numpy": "NumPy"}


@dataclass
class Data:
    """Images as rows of 64 floats in [0, 1], labels as int32."""

    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray


def load_data(seed: int) -> Data:
    """Return scikit-learn's digits, a fifth of every class kept for the test."""
    images, labels = load_digits(return_X_y=True)
    split = train_test_split(
        (images / 16.0).astype(np.float32),
        labels.astype(np.int32),
        test_size=0.2,
        random_state=seed,
        stratify=labels,
    )
    train_x, test_x, train_y, test_y = (np.ascontiguousarray(part) for part in split)
    return Data(train_x, train_y, test_x, test_y)


@dataclass
class Network:
    """The loss as a node, and what is made of it: three graphs."""

    loss: Node
    predict: gd.Graph
    backward: gd.Graph
    train: gd.Graph


def build() -> Network:
    """Return a network of 64 inputs, 128 hidden units with ReLU, and 10 classes."""
    x = gd.input("x", ("N", 64))
    y = gd.input("y", ("N",), dtype="int32")
    net = nn.Sequential(nn.Dense(64, 128, activation="relu", init=nn.init.he()), nn.Dense(128, 10))
    logits = net(x)
    loss = losses.softmax_cross_entropy(logits, y)
    outputs = {"label": gd.argmax(logits, axis=1), "probs": gd.softmax(logits)}
    return Network(
        loss,
        gd.Graph(outputs, name="predict"),
        gd.backward_graph(loss),
        gd.train_step(loss, optim.Adam(LEARNING_RATE), name="train"),
    )


def draw(network: Network, out: Path) -> list[Path]:
    """Draw forward pass, both passes, and the whole step of training."""
    forward = gd.Graph({"loss": network.loss}, name="forward")
    pictures = {"forward": forward, "backward": network.backward, "training": network.train}
    return [gd.draw(graph).save(out / f"{name}.svg") for name, graph in pictures.items()]


@dataclass
class Curves:
    """Mean loss of every epoch's batches, and accuracy on the test set after it."""

    loss: list[float]
    accuracy: list[float]
    seconds: float


def train(module: object, data: Data, epochs: int, seed: int, console: Console) -> Curves:
    """Train in place, batch by batch in an order that the seed decides."""
    generator = np.random.default_rng(seed)
    curves = Curves([], [], 0.0)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task("training", total=epochs)
        for _ in range(epochs):
            order = generator.permutation(len(data.train_x))
            shuffled_x, shuffled_y = data.train_x[order], data.train_y[order]
            start = time.perf_counter()
            found = [
                float(
                    module.train(x=shuffled_x[k : k + BATCH], y=shuffled_y[k : k + BATCH])["loss"]
                )
                for k in range(0, len(order), BATCH)
            ]
            curves.seconds += time.perf_counter() - start
            curves.loss.append(statistics.fmean(found))
            curves.accuracy.append(accuracy(module.predict(x=data.test_x)["label"], data))
            progress.advance(bar)
    return curves


def accuracy(labels: np.ndarray, data: Data) -> float:
    """Return the share of right labels on the test set."""
    return float(np.mean(labels == data.test_y))


def plot(curves: Curves, path: Path) -> Path:
    """Save loss and accuracy over the epochs as a picture."""
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    epochs = np.arange(1, len(curves.loss) + 1)
    left.semilogy(epochs, curves.loss, color="#0072B2")
    left.set(xlabel="epoch", title="cross-entropy, training batches")
    right.plot(epochs, 100 * np.asarray(curves.accuracy), color="#D55E00")
    right.axhline(97, color="0.6", linewidth=1, linestyle=":")
    right.set(xlabel="epoch", title="accuracy on the test set, %")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=120)
    return path


def time_step(step: object, data: Data, seconds: float = 0.3) -> float:
    """Return the median time of a training step on one batch."""
    x, y = data.train_x[:BATCH], data.train_y[:BATCH]
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < 10 or time.perf_counter() < until:
        start = time.perf_counter()
        step(x, y)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


@dataclass
class Row:
    """One line of the table; what was not measured is None."""

    what: str
    labels: np.ndarray | None
    step: float | None
    memory: int | None


def show(rows: list[Row], data: Data, console: Console) -> bool:
    """Print the table; return whether all agree with the interpreter's labels."""
    reference = rows[0].labels
    by_hand = next(row.step for row in rows if row.labels is None)
    table = Table(title=f"{len(data.test_y)} test images; a step trains on {BATCH}, one thread")
    table.add_column("")
    for head in ("accuracy", "agreement", "step", "speed", "memory"):
        table.add_column(head, justify="right")
    agree = True
    for row in rows:
        cells = ["", "", f"{row.step * 1e6:.0f} µs" if row.step else ""]
        if row.labels is not None:
            same = int(np.sum(row.labels == reference))
            agree &= same == len(reference)
            cells[:2] = [f"{100 * accuracy(row.labels, data):.2f} %", f"{same}/{len(reference)}"]
        cells.append(f"{by_hand / row.step:.2f} ×" if row.step else "")
        cells.append(f"{row.memory / 1024:.0f} KiB" if row.memory else "")
        table.add_row(row.what, *cells)
    console.print(table)
    return agree


def compiled(network: Network, target: str, seed: int) -> CompiledModule:
    """Compile prediction and training to one module; they share its state."""
    graphs = [network.predict, network.train]
    return gd.compile(
        graphs, target=target, name="digits", dims={"N": LARGEST}, threads=1, seed=seed
    )


@threadpool_limits.wrap(limits=1)  # everything is timed on one thread
def main(arguments: list[str] | None = None) -> int:
    """Run everything; return 0 if all that was claimed holds."""
    options = parsed(arguments)
    console, out = Console(soft_wrap=True), Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    data, network = load_data(options.seed), build()
    console.print(
        f"data       {len(data.train_y)} images to train on, {len(data.test_y)} to test on"
    )
    checked = gd.verify(network.loss)
    console.print(f"gradient   {str(checked).splitlines()[0]}")
    console.print(f"drawn      {', '.join(str(path) for path in draw(network, out))}")

    module = trainable(network, options.seed, console)
    first = {name: value.copy() for name, value in module.state.items()}
    curves = train(module, data, options.epochs, options.seed, console)
    console.print(
        f"trained    {options.epochs} epochs by the emitted {LANGUAGE[module.target]} step in "
        f"{curves.seconds:.2f} s: test accuracy {100 * curves.accuracy[-1]:.2f} %, "
        f"curves in {plot(curves, out / 'curves.png')}"
    )
    rows, fine = compare(network, module, first, data, out, console)
    agree = show(rows, data, console)
    good = curves.accuracy[-1] >= 0.97 or options.quick
    for failed, what in (
        (not checked, "the gradient is wrong"),
        (not good, "test accuracy is below 97 %"),
        (not agree, "the modules do not agree"),
        (not fine, "a standalone folder failed its own check"),
    ):
        if failed:
            console.print(f"FAILED: {what}", style="bold red")
    return 0 if checked and good and agree and fine else 1


def trainable(network: Network, seed: int, console: Console) -> CompiledModule:
    """Return the module in C, or in NumPy where there is no C compiler."""
    try:
        return compiled(network, "c", seed)
    except CompilerNotFound:
        console.print("no C compiler was found here: everything runs on the NumPy target")
        return compiled(network, "numpy", seed)


def compare(
    network: Network,
    module: CompiledModule,
    first: dict[str, np.ndarray],
    data: Data,
    out: Path,
    console: Console,
) -> tuple[list[Row], bool]:
    """Save both folders, run them elsewhere, and time one training step of everything."""
    trained = {name: value.copy() for name, value in module.state.items()}
    interpreter, numpy_module = (compiled(network, target, 0) for target in ("interp", "numpy"))
    for other in (interpreter, numpy_module):
        other.state.update(trained)
    in_process = module.predict(x=data.test_x)["label"]
    reference = interpreter.predict(x=data.test_x)["label"]

    fine, elsewhere = True, []
    numpy_module.save(out / "digits-numpy")
    if module.target == "c":
        module.save(out / "digits-c")
        try:
            program = run_c_program(out / "digits-c", data.test_x, data.train_x[:BATCH],
                                    data.train_y[:BATCH])  # fmt: skip
            fine = program.check_passed
            console.print(f"make check {program.note}")
            elsewhere.append(as_row("C program, plain cc", program))
        except NotPossible as reason:
            console.print(f"C folder   not compiled on its own: {reason}")
    bare = run_numpy_module(out / "digits-numpy", data.test_x, data.train_x[:BATCH],
                            data.train_y[:BATCH])  # fmt: skip
    elsewhere.append(as_row("NumPy module, alone", bare))
    console.print(f"saved      {', '.join(str(p) for p in sorted(out.glob('digits-*')))}")

    hand = ByHand(first, LEARNING_RATE)
    rows = [
        Row("interpreter", reference, time_step(interpreter.train, data, 0.1), None),
        Row(f"{LANGUAGE[module.target]}, in this process", in_process,
            time_step(module.train, data), module.report().memory.total),
        *elsewhere,
        Row("NumPy by hand", None, time_step(hand.train, data), None),
    ]  # fmt: skip
    return rows, fine


def as_row(what: str, result: Elsewhere) -> Row:
    """Return the table's line for something that ran in another process."""
    return Row(what, result.labels, result.seconds_per_step, result.memory)


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="out", help="folder for pictures and modules")
    parser.add_argument("--epochs", type=int, help="passes over the training set (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="decides split, start and order")
    parser.add_argument("--quick", action="store_true", help="5 epochs, no accuracy is demanded")
    options = parser.parse_args(arguments)
    if options.epochs is None:
        options.epochs = 5 if options.quick else 60
    return options


if __name__ == "__main__":
    sys.exit(main())
