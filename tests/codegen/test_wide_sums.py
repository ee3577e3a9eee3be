"""Sums and products of integers are those of int64, whatever is summed and however it is done."""

import numpy as np
import pytest

import graphdl as gd

ARRAYS = {
    "bytes": np.full((40, 33), 255, np.uint8),
    "ints": np.full((40, 33), 2**31 - 1, np.int32),
    "negative": np.full((40, 33), -(2**31), np.int32),
}


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
@pytest.mark.parametrize("name", ARRAYS)
def test_nothing_overflows(target, name, request):
    if target == "c":
        request.getfixturevalue("needs_cc")
    given = ARRAYS[name]
    x = gd.input("x", ("N", 33), given.dtype)
    outputs = {
        "all": gd.sum(x),
        "rows": gd.sum(x, 1),
        "columns": gd.sum(x, 0),
        "few": gd.prod(x[:, :2], 1),
        "running": gd.cumsum(x, 0),
        "fused": gd.sum(gd.maximum(x, 1), 1),
    }
    graph = gd.Graph(outputs, name="f")
    found = gd.compile(graph, target=target, name=f"wide_{name}_{target}", dims={"N": 64}).f(given)
    wide = given.astype(np.int64)
    expected = {
        "all": wide.sum(),
        "rows": wide.sum(1),
        "columns": wide.sum(0),
        "few": wide[:, :2].prod(1),
        "running": wide.cumsum(0),
        "fused": np.maximum(wide, 1).sum(1),
    }
    for key, value in expected.items():
        assert found[key].dtype == np.int64
        np.testing.assert_array_equal(found[key], value, err_msg=key)
