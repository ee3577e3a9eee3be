"""The standalone NumPy folder: one file that needs numpy only."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

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
    assert imports <= {"numpy", "json"}
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
