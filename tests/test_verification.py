"""gd.verify: right gradients are checked, wrong ones refuted with an example to look at."""

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir import complex_step
from graphdl.ir.instructions import INSTRUCTIONS
from graphdl.ir.sampling import index_limits, random_inputs, small_dims

COMPLEX = "complex step in complex128"
DIFFERENCES = "extrapolated central differences in float64"


def mlp():
    x, y = gd.input("x", ("N", 6)), gd.input("y", ("N",), "int32")
    net = gd.nn.Sequential(gd.nn.Dense(6, 5, activation="relu"), gd.nn.Dense(5, 4))
    return gd.losses.softmax_cross_entropy(net(x), y), net.params


def test_a_network_is_checked_by_the_complex_step():
    loss, params = mlp()
    result = gd.verify(loss, method="complex step")
    assert result.verdict == "checked"
    assert result.method == COMPLEX
    assert result.digits > 12
    assert result.points == 3
    assert result.counterexample is None
    assert [v.name for v in result.variables] == [p.name for p in params]
    assert bool(result)


def test_a_comparison_never_claims_a_proof():
    loss, _ = mlp()
    result = gd.verify(loss, method="complex step")
    assert str(result).startswith("checked to ")
    assert "prove" not in str(result)


@pytest.mark.parametrize(
    "function",
    [
        gd.tanh,
        gd.sigmoid,
        gd.erf,
        gd.sin,
        gd.softplus,
        gd.log1p,
        gd.expm1,
        gd.exp,
        gd.relu,
        gd.abs,
        gd.leaky_relu,
    ],
    ids=lambda f: f.name if hasattr(f, "name") else f.__name__,
)
def test_smooth_functions_by_the_complex_step(function):
    w = gd.param("w", (7,), "float64")
    result = gd.verify(gd.sum(function(w) * w))
    assert (result.verdict, result.measured) == ("proved", COMPLEX)
    assert result.digits > 10 or function is gd.leaky_relu  # its slope is held in float32


@pytest.fixture
def no_complex_form():
    """Take from tanh what it is beside the real axis."""
    row = INSTRUCTIONS["tanh"]
    known = row.continued
    object.__setattr__(row, "continued", None)
    yield
    object.__setattr__(row, "continued", known)


@pytest.mark.usefixtures("no_complex_form")
def test_what_has_no_complex_form_is_measured_by_differences():
    w = gd.param("w", (7,), "float64")
    result = gd.verify(gd.sum(gd.tanh(w) * w))
    assert (result.verdict, result.measured) == ("proved", DIFFERENCES)
    assert result.digits > 6


def views(w):
    return gd.concat([gd.pad(w, ((1, 1), (0, 2))), gd.pad(w[::2], ((1, 3), (1, 1)))], 0).T[1:] ** 2


def lookups(w):
    return gd.gather(w, gd.constant([2, 0, 2])) ** 3 + gd.max(w, axis=0) * gd.min(w)


def powers(w):
    return gd.logsumexp(w, axis=1) * gd.sum(gd.abs(w) ** 1.7, axis=1) / (1.0 + gd.square(w[:, 0]))


def branches(w):
    return gd.where(w > 0.0, gd.tanh(w), w**3) + gd.minimum(w, 0.1) + gd.clip(w, -0.5, 0.5)


@pytest.mark.parametrize("build", [views, lookups, powers, branches])
@pytest.mark.parametrize("method", ["50 digits", "complex step", "differences"])
def test_all_methods_agree_with_the_chain_rule(build, method):
    result = gd.verify(gd.sum(build(gd.param("w", (4, 3), "float64"))), method=method)
    assert result.verdict == "checked", str(result)


def test_stop_gradient_is_held_by_both_methods():
    w = gd.param("w", (4,), "float64")
    for function in (gd.tanh, gd.erf):
        loss = gd.sum(function(w) * gd.stop_gradient(w * w))
        for method, verdict in ((None, "proved"), ("50 digits", "checked")):
            assert gd.verify(loss, method=method).verdict == verdict


def test_a_wrong_rule_is_refuted_with_a_counterexample(tmp_path):
    wrong = gd.define_op(
        "verify_wrong", lambda x: x * x, grads=lambda x, y: (3.0 * x,), replace=True
    )
    result = gd.verify(gd.sum(wrong(gd.param("w", (4, 3), "float64"))))
    assert result.verdict == "refuted"
    assert not result
    found = result.counterexample
    assert found.variable == "w"
    assert found.claimed == pytest.approx(1.5 * found.measured)
    assert found.measured == pytest.approx(2 * found.state["w"][found.index])
    assert "refuted" in result.save(tmp_path / "page.html").read_text("utf-8")


def test_one_wrong_element_of_many_is_found():
    """A unit vector may miss it, a dense direction does not."""

    def almost(x, y, cotangent):
        slope = np.ones(500)
        slope[123] = 1.001
        return [cotangent * gd.constant(slope)]

    op = gd.define_op("verify_almost", expand=lambda x: x * 1.0, grads=almost, replace=True)
    assert gd.verify(gd.sum(op(gd.param("w", (500,), "float64")))).verdict == "refuted"


def test_by_inputs_and_nodes_on_the_way():
    x = gd.input("x", ("N", 3), "float64")
    h = gd.tanh(x)
    result = gd.verify(gd.sum(h * x), [x, h])
    assert result.verdict == "proved"
    assert len(result.variables) == 2


def test_domains_that_need_positive_numbers_are_found():
    x = gd.input("x", ("N",), "float64")
    assert gd.verify(gd.sum(gd.log(x) * gd.sqrt(x)), x).verdict == "proved"


def test_given_inputs_and_dims():
    x = gd.input("x", ("N",), "float64")
    loss = gd.sum(gd.log(x - 10.0))
    with pytest.raises(gd.GraphdlError, match="not finite"):
        gd.verify(loss, x)
    assert gd.verify(loss, x, inputs={"x": [11.0, 12.0]}).verdict == "proved"
    with pytest.raises(gd.GraphdlError, match="no input"):
        gd.verify(loss, x, inputs={"z": [1.0]})


def test_misuse_is_a_typed_error():
    x = gd.input("x", (3,))
    with pytest.raises(gd.GraphdlError, match="depends on no parameter"):
        gd.verify(gd.sum(x))
    with pytest.raises(gd.GraphdlError, match="must be a scalar"):
        gd.verify(x, x)
    with pytest.raises(gd.GraphdlError, match="needs a loss"):
        gd.verify(gd.Graph(gd.sum(x)))
    for wrong in ({"points": 0}, {"points": 10**30}, {"seed": -1}):
        with pytest.raises(gd.GraphdlError, match="points"):
            gd.verify(gd.sum(x), x, **wrong)
    with pytest.raises(gd.GraphdlError, match="method"):
        gd.verify(gd.sum(x), x, method="magic")


def test_results_depend_on_the_seed_only():
    loss, _ = mlp()
    assert gd.verify(loss, seed=3).to_dict() == gd.verify(loss, seed=3).to_dict()


def test_complex_step_has_all_digits_where_differences_cancel():
    """The classic example: eˣ/√(x³+1), whose derivative is known in closed form."""
    x = gd.input("x", (), "float64")
    root = gd.exp(x) / gd.sqrt(x**3 + 1.0)
    at = 1.5
    power = at**3 + 1
    exact = np.exp(at) * (power**-0.5 - 1.5 * at**2 * power**-1.5)
    found = complex_step.directional(root, {x: np.asarray(at)}, {x: np.ones(())}, {})
    assert found == pytest.approx(exact, rel=4e-16)


def test_labels_are_drawn_in_their_range():
    logits, y = gd.input("logits", ("N", 3)), gd.input("y", ("N",), "int32")
    graph = gd.Graph(gd.losses.softmax_cross_entropy(logits, y))
    (label,) = (i for i in graph.inputs if i.name == "y")
    assert index_limits(graph)[label] == 3
    drawn = random_inputs(graph, np.random.default_rng(0), {"N": 500})["y"]
    assert set(drawn) == {0, 1, 2}
    assert small_dims(graph, {"y": np.zeros(9)}) == {"N": 9}
