"""Values, means and gradients as PyTorch's, which ``fixtures/make_torch_losses.py`` recorded."""

import json
from pathlib import Path

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses

FIXTURE = Path(__file__).parents[1] / "fixtures" / "torch_losses.json"
RECORDS = json.loads(FIXTURE.read_text())["records"]
TOLERANCE = {"float64": 1e-9, "float32": 2e-5}


def name(record):
    return f"{record['loss']}-{RECORDS.index(record)}"


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("record", RECORDS, ids=name)
def test_as_in_torch(record, dtype):
    given = [np.asarray(x) for x in record["inputs"]]
    nodes = [
        gd.input(f"x{k}", x.shape, dtype if x.dtype.kind == "f" else "int64")
        for k, x in enumerate(given)
    ]
    attrs = {k: np.array(v) if isinstance(v, list) else v for k, v in record["attrs"].items()}
    function = getattr(losses, record["loss"])
    mean = function(*nodes, **attrs)
    slopes = gd.grad(mean, [n for n in nodes if n.dtype.is_float])
    outputs = {"values": function(*nodes, reduction="none", **attrs), "mean": mean}
    outputs |= {f"slope{k}": g for k, g in enumerate(slopes)}
    found = gd.interpret(gd.Graph(outputs), {f"x{k}": x for k, x in enumerate(given)})
    expected = {"values": record["values"], "mean": record["mean"]}
    expected |= {f"slope{k}": g for k, g in enumerate(record["gradients"])}
    for key, numbers in expected.items():
        # by p = 0 of p·log(p/q) PyTorch's derivative is NaN; it is log 0
        value = np.nan_to_num(np.asarray(numbers), nan=-np.inf, posinf=np.inf, neginf=-np.inf)
        scale = np.max(np.abs(value), initial=0.0, where=np.isfinite(value))
        limit = TOLERANCE[dtype]
        np.testing.assert_allclose(found[key], value, rtol=limit, atol=limit * scale, err_msg=key)
