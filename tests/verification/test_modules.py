"""gd.verify of compiled modules: emitted code beside the interpreter."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.codegen.toolchain.compiler import has_compiler

X, Y = gd.input("x", ("N", 3)), gd.input("y", ("N",), "int32")
LOGITS = nn.Dense(3, 4, name="dense")(X)
STEP = gd.train_step(losses.softmax_cross_entropy(LOGITS, Y), optim.SGD(0.1))
PREDICT = gd.Graph({"probs": gd.softmax(LOGITS)}, name="predict")

TARGETS = ["interp", "numpy", pytest.param("c", marks=pytest.mark.skipif(
    not has_compiler(), reason="no C compiler"))]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_every_entry_point_is_checked(target):
    module = gd.compile([PREDICT, STEP], target, dims={"N": 9})
    before = {k: v.copy() for k, v in module.state.items()}
    result = gd.verify(module)
    assert result.verdict == "checked", str(result)
    assert result.method == f"{target} against the interpreter"
    assert result.points > 10
    assert all(np.array_equal(v, before[k]) for k, v in module.state.items())


def test_a_wrong_module_is_refuted(tmp_path):
    module = gd.compile([PREDICT, STEP], "numpy", dims={"N": 9})
    call = module.entries["predict"]
    module.entries["predict"] = lambda *args: {"probs": call(*args)["probs"] * np.float32(1.001)}
    result = gd.verify(module)
    assert not result
    assert "probs" in result.counterexample
    assert set(result.inputs) == {"x", "state dense/w", "state dense/b"}
    assert "predict" in result.save(tmp_path / "page.html").read_text("utf-8")
    assert result.to_dict()["verdict"] == "refuted"


def test_misuse_is_a_typed_error():
    module = gd.compile(PREDICT, "numpy", dims={"N": 9})
    for wrong in ({"method": "proof"}, {"inputs": {"z": 1.0}}, {"dims": {"K": 3}}):
        with pytest.raises(gd.GraphdlError):
            gd.verify(module, **wrong)
