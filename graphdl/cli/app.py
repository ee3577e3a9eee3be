"""The verbs of the command line. What is heavy is imported by the verb that needs it."""

from __future__ import annotations

import contextlib
import json
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphdl.env import debug

if TYPE_CHECKING:
    from rich.console import Console

    from graphdl.cli.model import Model

FINE, CHECK_FAILED, WRONG_USE, OUR_MISTAKE = 0, 1, 2, 70

app = typer.Typer(
    name="graphdl",
    help="Compile, draw, check and explain networks that are explicit graphs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="MODEL is file.py:name, where name is a Graph, a node, a list of Graphs, a compiled "
    "module, or a function without arguments that returns one of these. Exit codes: 0 fine, "
    "1 the check failed, 2 wrong use.",
)

ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help="file.py:name")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON on standard output, nothing else.")]
Dims = Annotated[
    list[str] | None, typer.Option("--dims", metavar="N=256", help="Size of a symbolic dim.")
]
GraphName = Annotated[str | None, typer.Option("--graph", help="Which of several graphs.")]


@app.command("compile")
def compile_command(
    model: ModelArgument,
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")],
    target: Annotated[str, typer.Option("--target", help="c or numpy.")] = "c",
    dims: Dims = None,
    name: Annotated[str | None, typer.Option("--name", help="Names files and symbols.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="Most threads.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seeds initialisers.")] = 0,
    as_json: Json = False,
) -> None:
    """Write a standalone folder: C that links only libm, or Python that imports only numpy."""
    with _reporting("compile", as_json) as answer:
        from graphdl.cli.model import dims as read_dims
        from graphdl.cli.model import load
        from graphdl.compiler import compile
        from graphdl.ir.errors import ArgumentError

        if target not in ("c", "numpy"):
            raise ArgumentError(f"--target {target}", remedy="use c or numpy")
        found = load(model)
        maxima = read_dims(dims or [])
        _check_dims(found, maxima)
        with _progress(f"compiling {found.name} for {target}"):
            module = compile(
                list(found.graphs),
                target=target,
                name=name or found.name,
                dims=maxima,
                threads=threads,
                seed=seed,
            )
            module.save(out)
        files = {p.name: p.stat().st_size for p in sorted(out.iterdir()) if p.is_file()}
        answer.update(target=target, out=str(out), entries=sorted(module.entries), files=files)
        if not as_json:
            _console().print(_table(f"{out} ({target})", ["file", "bytes"], list(files.items())))


@app.command("draw")
def draw_command(
    model: ModelArgument,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="File; its suffix is the format.")
    ] = None,
    backward: Annotated[
        bool | None, typer.Option("--backward/--forward", help="Default: backward for a loss.")
    ] = None,
    depth: Annotated[int, typer.Option("--depth", help="Open composites so deep.")] = 0,
    direction: Annotated[str | None, typer.Option("--direction", help="TB, BT, LR or RL.")] = None,
    graph: GraphName = None,
    as_json: Json = False,
) -> None:
    """Draw a graph, or the backward pass of a loss beside its forward pass."""
    with _reporting("draw", as_json) as answer:
        from graphdl.cli.model import load
        from graphdl.diagram import draw
        from graphdl.differentiation import backward_graph

        found = load(model)
        if backward or (backward is None and found.has_loss):
            shown = backward_graph(found.loss())
        else:
            shown = found.graph(graph)
        with _progress(f"drawing {shown.name}"):
            drawing = draw(shown, depth=depth, direction=direction)
            written = drawing.save(out or Path(f"{shown.name}.svg"))
        answer.update(graph=shown.name, out=str(written), nodes=len(shown.nodes))
        if not as_json:
            _console().print(f"{written}: {shown.name}, {len(shown.nodes)} nodes", markup=False)


@app.command("verify")
def verify_command(
    model: ModelArgument,
    points: Annotated[int, typer.Option("--points", min=1, help="Random points.")] = 3,
    seed: Annotated[int, typer.Option("--seed", help="Where chance starts.")] = 0,
    dims: Dims = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also write a page.")] = None,
    as_json: Json = False,
) -> None:
    """Prove a gradient, or compare it; a module with the interpreter. Exit code 1 if it is wrong.

    Of several graphs those that hold a gradient are verified, training steps with their updates.
    """
    with _reporting("verify", as_json) as answer:
        from graphdl.cli.model import dims as read_dims
        from graphdl.cli.model import load
        from graphdl.verification import verify

        found = load(model)
        given: dict[str, Any] = {"points": points, "seed": seed, "dims": read_dims(dims or [])}
        with _progress(f"checking {found.name}"):
            results = [verify(part, **given) for part in found.to_verify()]
        rank = ("refuted", "checked", "proved")
        weakest = min(results, key=lambda r: rank.index(r.verdict))
        answer.update(weakest.to_dict())
        if len(results) > 1:
            answer["all"] = [r.to_dict() for r in results]
        if html is not None:
            answer["html"] = str(weakest.save(html))
        if not as_json:
            for result in results:
                _console().print(str(result), markup=False, highlight=False)
        if not weakest:
            answer["ok"] = False
            raise typer.Exit(CHECK_FAILED)


@app.command("explain")
def explain_command(
    model: ModelArgument,
    latex: Annotated[bool, typer.Option("--latex", help="As LaTeX instead of text.")] = False,
    as_json: Json = False,
) -> None:
    """Walk through the chain rule of a loss, step by step."""
    with _reporting("explain", as_json) as answer:
        from graphdl.cli.model import load
        from graphdl.differentiation import backward_graph
        from graphdl.explanation import explain

        explanation = explain(backward_graph(load(model).loss()))
        answer.update(text=str(explanation), latex=explanation.latex)
        if not as_json:
            typer.echo(explanation.latex if latex else str(explanation))


@app.command("bench")
def bench_command(
    model: ModelArgument,
    target: Annotated[
        list[str] | None, typer.Option("--target", help="c, numpy, interp; default: all.")
    ] = None,
    dims: Dims = None,
    seconds: Annotated[float, typer.Option("--seconds", help="Time spent on each.")] = 0.5,
    as_json: Json = False,
) -> None:
    """Time one call of each entry point on each target: medians, at random inputs."""
    with _reporting("bench", as_json) as answer:
        from graphdl.cli.model import dims as read_dims
        from graphdl.cli.model import load
        from graphdl.cli.timing import time_entries

        found = load(model)
        sizes = read_dims(dims or [])
        sizes = {d: 64 for g in found.graphs for d in g.dims} | sizes
        with _progress(f"timing {found.name}"):
            timings = time_entries(found.graphs, target or ["c", "numpy", "interp"], sizes, seconds)
        answer.update(dims=sizes, timings=[
            {"entry": t.entry, "target": t.target, "median_seconds": t.seconds, "calls": t.calls,
             "note": t.note} for t in timings
        ])  # fmt: skip
        if not as_json:
            at = ", ".join(f"{k}={v}" for k, v in sizes.items())
            rows = [
                (t.entry, t.target, f"{t.seconds * 1e6:.1f} µs" if t.seconds else "–",
                 t.calls, t.note)
                for t in timings
            ]  # fmt: skip
            heads = ["entry point", "target", "median", "calls", ""]
            _console().print(_table(f"{found.name} at {at}" if at else found.name, heads, rows))


def _check_dims(model: Model, given: dict[str, int]) -> None:
    from graphdl.ir.errors import DimensionError

    missing = [d for g in model.graphs for d in g.dims if d not in given]
    if missing:
        raise DimensionError(
            f"{model.name} has the symbolic dim {missing[0]!r}, which needs a maximum",
            remedy=f"--dims {missing[0]}=256",
        )


@contextlib.contextmanager
def _reporting(command: str, as_json: bool) -> Iterator[dict[str, Any]]:
    """Collect an answer, print it as JSON if that is wanted, and turn errors into exit codes."""
    answer: dict[str, Any] = {"command": command, "ok": True}
    code = FINE
    try:
        with _quiet_warnings():
            yield answer
    except typer.Exit as end:
        code = end.exit_code
    except Exception as error:
        code = _told(error, answer, as_json)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    raise typer.Exit(code)


@contextlib.contextmanager
def _quiet_warnings() -> Iterator[None]:
    """Print warnings as a line on standard error, without the source line of the caller."""
    import warnings

    shown = warnings.formatwarning
    warnings.formatwarning = lambda message, *_, **__: f"warning: {message}\n"
    try:
        yield
    finally:
        warnings.formatwarning = shown


def _told(error: Exception, answer: dict[str, Any], as_json: bool) -> int:
    """Say what went wrong; return the exit code."""
    from graphdl.ir.errors import GraphdlError

    ours = not isinstance(error, (GraphdlError, OSError))
    site, message = getattr(error, "site", None), str(error)
    if site and Path(site).is_relative_to(Path(typer.__file__).parent):
        message = message.replace(f"\n  at: {site}", "")  # no line of the user's was running
        site = None
    answer.update(ok=False, error={
        "type": type(error).__name__, "message": message.partition("\n")[0],
        "site": site, "remedy": getattr(error, "remedy", None),
    })  # fmt: skip
    if debug() >= 1:
        traceback.print_exception(error)
    elif not as_json:
        stderr = _console(stderr=True)
        stderr.print(type(error).__name__, style="bold red", end=": ")
        stderr.print(message, markup=False, highlight=False)
        if ours:
            stderr.print("this is a mistake of graphdl's own; GRAPHDL_DEBUG=1 shows where")
    return OUR_MISTAKE if ours else WRONG_USE


def _console(*, stderr: bool = False) -> Console:
    """Return a console; rich itself heeds NO_COLOR and whether this is a terminal."""
    from rich.console import Console

    return Console(stderr=stderr, soft_wrap=True)


def _progress(text: str) -> contextlib.AbstractContextManager[Any]:
    """Show that something is under way, on a terminal only."""
    if not sys.stderr.isatty():
        return contextlib.nullcontext()
    return _console(stderr=True).status(text)


def _table(title: str, heads: list[str], rows: list[tuple[Any, ...]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left")
    for head in heads:
        table.add_column(head)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    return table
