"""The standalone NumPy folder: one file that needs numpy only."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphdl as gd
from graphdl.compiler import CompiledModule
from tests.codegen.standalone_models import batch, digits

# A process in which graphdl cannot be imported: no site packages but numpy.
_BARE = """
import sys
sys.path[:0] = [{folder!r}]
class Only:
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        if root not in ("numpy", "digits") and root not in sys.stdlib_module_names:
            raise ImportError(root + " is not there")
sys.meta_path.insert(0, Only())
import numpy as np
import digits
net = digits.Module({folder!r} + "/digits_params.safetensors")
data = np.load({data!r})
for _ in range(2):
    loss = net.train(data["x"], data["y"])["loss"]
out = net.forward(x=data["x"], y=data["y"])
try:
    net.forward(x=data["x"], y=data["y"] + 100)
except IndexError:
    net.save_state({folder!r} + "/after.safetensors")
    np.savez({data!r} + ".out.npz", loss=loss, probs=out["probs"])
"""


def test_runs_in_a_bare_interpreter(tmp_path: Path) -> None:
    m = digits("adam", target="numpy")
    folder = m.save(tmp_path / "digits")
    x, y = batch()
    data = tmp_path / "data.npz"
    np.savez(data, x=x, y=y)
    code = _BARE.format(folder=str(folder), data=str(data))
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found = np.load(f"{data}.out.npz")
    for _ in range(2):
        loss = m.train(x, y)["loss"]
    assert found["loss"] == loss
    assert np.array_equal(found["probs"], m.forward(x, y)["probs"])
    before = {k: v.copy() for k, v in m.state.items()}
    m.reset(7)
    m.load_state(folder / "after.safetensors")
    for name, value in m.state.items():
        assert np.array_equal(value, before[name]), name


def test_source_imports_numpy_only(tmp_path: Path) -> None:
    folder = digits("sgd", target="numpy").save(tmp_path / "digits")
    text = (folder / "digits.py").read_text()
    imports = set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.MULTILINE))
    assert imports <= {"numpy", "json", "os"}
    assert sorted(p.name for p in folder.iterdir()) == [
        ".graphdl", "README.md", "digits.py", "digits_params.safetensors"
    ]  # fmt: skip


def test_example_of_the_readme_runs(tmp_path: Path) -> None:
    folder = digits("momentum", target="numpy").save(tmp_path / "digits")
    (example,) = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(np.log(4), rel=0.5)


def test_saving_again_after_use(tmp_path: Path) -> None:
    m = digits("sgd", target="numpy")
    folder = m.save(tmp_path / "digits")
    (folder / "__pycache__").mkdir()
    m.save(folder)
    assert not (folder / "__pycache__").exists()


# ---- hostile files and names --------------------------------------------------------------------


def alone(m: CompiledModule) -> Any:
    """Return the module's class as a folder has it."""
    namespace: dict[str, Any] = {}
    exec(m.source, namespace)
    return namespace["Module"]()


def with_header(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a safetensors file with another header."""
    first = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:first])
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[first:]


LIES = {
    "negative": lambda h: h["w"].update(data_offsets=[-12, 0]),
    "overlapping": lambda h: h["w"].update(data_offsets=[4, 16]),
    "beyond the end": lambda h: h["w"].update(data_offsets=[0, 12000]),
    "shape that is none": lambda h: h["w"].update(shape=[-1]),
    "no dtype": lambda h: h["w"].update(dtype="F7"),
    "no entry": lambda h: h.update(w=3),
    "nothing": lambda h: h.clear(),
    "another": lambda h: h.update(v=h.pop("w")),
}


@pytest.mark.parametrize("lie", [*LIES, "deep", "large", "cut", "longer", "empty"])
def test_lying_files_are_refused(tmp_path: Path, lie: str) -> None:
    w = gd.param("w", (3,), init=1.0)
    net = alone(gd.compile(gd.Graph(w * 2.0), "numpy"))
    path = tmp_path / "state"
    net.state["w"] = [1.0, 2.0, 3.0]
    net.save_state(path)
    whole = path.read_bytes()
    net.load_state(path)
    deep = b"[" * 100_000
    others = {
        "deep": len(deep).to_bytes(8, "little") + deep,
        "large": whole + bytes(20_000_000),
        "cut": whole[:-1],
        "longer": whole + b"\0",
        "empty": b"",
    }
    path.write_bytes(others[lie] if lie in others else with_header(whole, LIES[lie]))
    with pytest.raises(ValueError):
        net.load_state(path)
    assert net.state["w"].tolist() == [1.0, 2.0, 3.0]


def test_a_save_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = alone(gd.compile(gd.Graph(gd.param("w", (3,), init=1.0) * 2.0), "numpy"))
    net.save_state(tmp_path / "state")
    before = (tmp_path / "state").read_bytes()
    net.state["w"] = [7.0, 8.0, 9.0]

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        net.save_state(tmp_path / "state")
    assert (tmp_path / "state").read_bytes() == before
    assert os.listdir(tmp_path) == ["state"]


USED = ["step", "arrays", "sizes", "len", "tuple", "MOST_STEPS", "np", "state", "self", "memory"]


def test_inputs_named_like_what_methods_use() -> None:
    values = [gd.input(name, ("N",)) for name in USED]
    m = gd.compile(gd.Graph(gd.sum(gd.stack(values), axis=0)), "numpy", dims={"N": 4})
    net = alone(m)
    for n in (2, 3, 2):
        given = [np.full(n, k, np.float32) for k in range(len(USED))]
        assert net.graph(*given)["out"].tolist() == [45.0] * n
    assert net.graph(**dict(zip(USED[:3], given, strict=False)), len_=given[3], tuple_=given[4],
                     MOST_STEPS_=given[5], np_=given[6], state=given[7], self_=given[8],
                     memory=given[9])["out"].tolist() == [45.0, 45.0]  # fmt: skip


def test_entry_points_that_differ_in_case() -> None:
    graphs = [
        gd.Graph(gd.input("a", (2,)) * 2.0, name="run"),
        gd.Graph(gd.input("b", (3,), "int32") + 1, name="Run"),
        gd.Graph(gd.param("c", (1,)) * 1.0, name="load_state"),
    ]
    m = gd.compile(graphs, "numpy")
    net = alone(m)
    assert net.run(np.ones(2, np.float32))["out"].tolist() == [2.0, 2.0]
    assert net.Run(np.ones(3, np.int32))["out"].tolist() == [2, 2, 2]
    assert getattr(net, m.module.programs[2].name)()["out"].shape == (1,)


def test_an_output_named_like_an_exception() -> None:
    i = gd.input("i", (2,), "int32")
    table = gd.input("x", (3,))
    m = gd.compile(gd.Graph({"IndexError": gd.tanh(gd.gather(table, i))}), "numpy")
    for entry in (m.graph, alone(m).graph):
        with pytest.raises(IndexError, match="input 'i'"):
            entry(x=np.ones(3, np.float32), i=np.array([0, 5], np.int32))
