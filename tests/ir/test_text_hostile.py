"""Texts that lie or overgrow are refused with a typed error, at once."""

import time

import pytest

import graphdl as gd
import graphdl.nn  # initialisers that texts can name
from graphdl.ir.dims import MOST_TERMS, symbol
from graphdl.ir.errors import ArgumentError, DimensionError, DuplicateNameError, ParseError
from graphdl.ir.text import parse, to_text
from graphdl.passes.pipeline import run
from graphdl.verification.random_graphs import random_case

INPUT = "  %x = input : float32(3, N)\n"


def refused(lines: str) -> str:
    """Return how a graph of these lines is refused, which must not take long."""
    start = time.process_time()
    with pytest.raises(ParseError) as caught:
        parse(f"graph g {{\n{lines}\n}}\n")
    assert time.process_time() - start < 2
    return str(caught.value)


@pytest.mark.parametrize(
    "leaf",
    [
        "input[name=\"x\"] : float32(-3,)",
        "input[name=\"x\"] : float32(9223372036854775808,)",
        "param[name=\"x\", init=he()] : float32(3, -2)",
        "constant[value=array(float32, [])] : float32(0, -1)",
        "iota : int32(-1,)",
    ],
)  # fmt: skip
def test_sizes_of_leaves_are_those_that_can_be_declared(leaf):
    assert leaf.partition("[")[0].partition(" ")[0] in refused(f"  %0 = {leaf}\n  output y = %0")


def test_a_size_given_as_text_is_checked_too():
    with pytest.raises(DimensionError, match="-2 is not a size"):
        gd.input("x", ("3 - 5",))


@pytest.mark.parametrize(
    ("leaf", "message"),
    [
        ('%x = input[evil=1] : float32()', "no attribute is named 'evil'"),
        ('%0 = iota[size=3] : int32(3,)', "no attribute is named 'size'"),
        ('%"" = input : float32()', "'' cannot be a name"),
        ('%w = param[init="x"] : float32()', "init must be an initialiser or a float32 array"),
        ('%w = param[init=array(float64, 0.0)] : float32()', "init must be an initialiser"),
        ('%w = param[init=array(float32, [0.0])] : float32(2,)', "init must be an initialiser"),
        ('%w = state[init=he()] : float32(N,)', "state must have static sizes"),
        ('%0 = dimension[size=3] : float32()', "the size of a symbolic dim is missing"),
        ('%0 = dimension[size=N] : float32(2,)', "a size has no axes"),
    ],
)  # fmt: skip
def test_leaves_are_what_could_be_declared(leaf, message):
    assert message in refused(f"  {leaf}")


@pytest.mark.parametrize(
    "size",
    [
        "*".join(["(A + B + C + D + E)"] * 40),
        "*".join(f"(N + {k})" for k in range(1000)),
        " + ".join(f"D{k}" for k in range(1000)),
        "(" + " + ".join(f"D{k}" for k in range(50)) + ")*N*N*N*N*(1 + N + M)",
        "*".join(["N"] * 100_000),
    ],
)
def test_sizes_that_overgrow_are_refused(size):
    for text in (f"%x = input : float32({size},)", f"%x = input : float32(<({size})//2>,)"):
        assert "size" in refused(f"  {text}") or "value" in refused(f"  {text}")


def test_a_size_as_long_as_can_be_reads_back():
    for size in ("*".join(["N"] * 2000), "-".join(["1", *(f"D{k:037}" for k in range(99))])):
        graph = parse(f"graph g {{\n  %x = input : float32({size},)\n  inputs %x\n}}")
        assert to_text(parse(to_text(graph))) == to_text(graph)
    total = " + ".join(f"D{k:0100}" for k in range(12))
    assert "longer than 4000" in refused(f"  %x = input : float32(({total})*({total}),)")


def test_sizes_have_a_limited_number_of_terms():
    total = sum((symbol(f"D{k}") for k in range(MOST_TERMS)), start=0)
    assert total - total == 0
    with pytest.raises(DimensionError, match="more than 100 terms"):
        total + symbol("N")


def test_results_of_arithmetic_that_fails_are_misfits():
    message = refused(f"{INPUT}  %0 = norm[axes=(0,), ord=0](%x) : float32(N,)")
    assert "norm: inputs or attributes do not fit" in message


def test_numbers_that_a_dtype_cannot_hold():
    message = refused("  %0 = constant[value=array(float32, 1e300)] : float32()")
    assert "bad array: overflow" in message


def test_inputs_and_updates_are_listed_once():
    assert "is listed among the inputs but is none" in refused(
        f"{INPUT}  %0 = exp(%x) : float32(3, N)\n  inputs %0\n  output y = %0"
    )
    assert "'x' is listed twice" in refused(f"{INPUT}  inputs %x\n  inputs %x")
    state = "  %s = state[init=array(float32, 0.0)] : float32()\n"
    assert "'s' is updated twice" in refused(f"{state}  update %s = %s\n  update %s = %s")


def test_graphs_refuse_what_is_no_input():
    x = gd.input("x", ())
    with pytest.raises(ArgumentError, match="listed among the inputs but is none"):
        gd.Graph(x, inputs=[gd.exp(x)])
    with pytest.raises(DuplicateNameError, match="'x' is listed twice"):
        gd.Graph(x, inputs=[x, x])


def test_many_inputs_are_listed_in_linear_time():
    inputs = [gd.input(f"x{k}", ()) for k in range(40_000)]
    start = time.process_time()
    assert len(gd.Graph(inputs, inputs=inputs).inputs) == 40_000
    assert time.process_time() - start < 6


@pytest.mark.parametrize(
    "node",
    [
        "sum[axes=(7,)](%x) : float32(3, N)",
        "sum[axes=(1, 0)](%x) : float32()",
        "sum[axes=(0,), keepdims=true](%x) : float32(N,)",
        "cumsum[axis=2, reverse=false, exclusive=false](%x) : float32(3, N)",
        "cumsum[axis=0, reverse=1, exclusive=false](%x) : float32(3, N)",
        "cumsum[axis=0](%x) : float32(3, N)",
        "argsort[axis=none, descending=false](%x) : int64(3, N)",
        'contract[spec="ij,ij->"](%x) : float32()',
        'contract[spec="ij,ik->k"](%x, %x) : float32(N,)',
        'contract[spec="ij,ij->", axes=array(int32, 1)](%x, %x) : float32()',
        "elu(%x) : float32(3, N)",
        "elu[alpha=(0, 1)](%x) : float32(3, N)",
        "nan_to_num[nan=he(), posinf=1.0, neginf=0.0](%x) : float32(3, N)",
        "slice[starts=(0,), steps=(1,), sizes=(3,)](%x) : float32(3,)",
        "pad[starts=(), steps=(), shape=(), value=0.0](%v) : float32()",
        "argument[position=0] : float32(3, N)",
        "whole_power[bits=127](%i, %i) : int32()",
        "bitwise_and(%x, %x) : float32(3, N)",
        "exp(%i) : int32()",
        f"elu[alpha={'9' * 400}](%x) : float32(3, N)",
        "slice[starts=(1,), steps=(1,), sizes=(3,)](%v) : float32(3,)",
        "slice[starts=(0, 0), steps=(1, 1), sizes=(3.0, N)](%x) : float32(3, N)",
        "slice[starts=(0, 0), steps=(1, 1), sizes=(3, N)](%x, %x) : float32(3, N)",
        "slice[starts=(0, 0), steps=(1e308, 1), sizes=(1, N)](%x) : float32(1, N)",
        "slice[starts=(0.0, 0), steps=(1, 1), sizes=(1, N)](%x) : float32(1, N)",
        "pad[starts=(1,), steps=(2.0,), shape=(N + 1,), value=0.0](%v) : float32(N + 1,)",
        "pad[starts=(1,), steps=(1,), shape=(3,), value=0.0](%v) : float32(3,)",
        "pad[starts=(0, 0), steps=(1, 1), shape=(3, N), value=uint8](%x) : float32(3, N)",
        'gather[axes=(0, 0), mode="strict", checked=(true,)](%x, %i) : float32(N,)',
        'gather[axes=(0,), mode="wild", checked=(true,)](%x, %i) : float32(N,)',
        'gather[axes=(0,), mode="strict", checked=(1,)](%x, %i) : float32(N,)',
        "diagonal[axes=(0, -2), offset=0](%x) : float32(N, 3)",
    ],
)
def test_nodes_are_what_ops_would_have_made(node):
    """Each of these once became a graph that crashed later, or a raw error."""
    op = node.partition("[")[0].partition("(")[0]
    assert f"cannot read the graph: {op}: " in refused(
        f"{INPUT}  %i = input : int32()\n  %v = input : float32(3,)\n  %0 = {node}"
    )


@pytest.mark.parametrize("mode", ["strict", "negative", "clip"])
def test_indices_that_are_computed_are_not_taken_for_checked(mode):
    """They would be read by compiled code without a look at them."""
    message = refused(
        f"{INPUT}  %i = input : int32()\n  %j = multiply(%i, %i) : int32()\n"
        f'  %0 = gather[axes=(0,), mode="{mode}", checked=(true,)](%x, %j) : float32(N,)'
    )
    assert "these indices are not checked before the call" in message


def test_optimised_graphs_are_read_too():
    for seed in range(30):
        text = to_text(run(random_case(seed).graph))
        parse(text)


def test_more_axes_than_numpy_has_are_refused_at_once():
    sizes = ", ".join(["2"] * 100_000)
    started = time.process_time()
    assert "an array of 100000 axes" in refused(f"  %x = input : float32({sizes})")
    assert time.process_time() - started < 2
