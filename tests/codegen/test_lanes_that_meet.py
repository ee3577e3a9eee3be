"""Updates that all go to one place, which the text of the graph shows: lanes must take turns."""

import numpy as np
import pytest

import graphdl as gd


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("count", [1, 7, 16, 33])
def test_one_place_for_all(target, count, request):
    if target == "c":
        request.getfixturevalue("needs_cc")
    u, v = gd.input("u", (count,)), gd.input("v", (count, 3))
    one, rows = gd.input("one", (), "int32"), gd.input("rows", (3,), "int32")
    everywhere = gd.broadcast_to(one, (count,))
    outputs = {
        "add": gd.scatter_add(u, everywhere, 4),
        "rows": gd.scatter_add(v, everywhere, 4),
        "computed": gd.scatter_add(gd.exp(u), gd.maximum(everywhere, 1), 4),
        "columns": gd.scatter_add(gd.transpose(v), rows, 4),
        "constant": gd.scatter_add(u, np.full(count, 2, np.int32), 4),
        "set": gd.scatter_set(u, everywhere, 4),
        "max": gd.scatter_max(u, everywhere, 4),
    }
    graph = gd.Graph(outputs, name="f")
    rng = np.random.default_rng(0)
    given = {"u": rng.normal(size=count), "v": rng.normal(size=(count, 3))}
    given = {k: a.astype("f4") for k, a in given.items()}
    given |= {"one": np.int32(3), "rows": np.array([1, 1, 0], np.int32)}
    found = gd.compile(graph, target, name=f"meet_{target}_{count}").f(**given)
    for name, value in gd.interpret(graph, given).items():
        np.testing.assert_allclose(found[name], value, 1e-5, 1e-5, err_msg=name)
