"""State on disk: what does not fit is refused by name; nobody sees half of a file."""

import os

import numpy as np
import pytest

import graphdl as gd
from graphdl.codegen import state_file
from graphdl.codegen.state_file import read_state, write_state

STATE = {"w": np.arange(6.0, dtype=np.float32).reshape(2, 3), "step": np.array(7, np.int64)}


@pytest.mark.parametrize(
    "like",
    [
        {**STATE, "w": STATE["w"].astype(np.float64)},
        {**STATE, "w": STATE["w"].view(np.int32)},  # of the same size in bytes
        {**STATE, "w": STATE["w"].T},
        {**STATE, "w": STATE["w"].ravel()},
        {**STATE, "v": STATE["w"]},
        {"w": STATE["w"]},
    ],
    ids=["dtype", "dtype of the same size", "transposed", "flat", "lacks", "has more"],
)
def test_what_does_not_fit_is_refused(tmp_path, like):
    write_state(tmp_path / "s", STATE)
    with pytest.raises(gd.ir.errors.StateError):
        read_state(tmp_path / "s", like)


def test_every_bit_comes_back(tmp_path):
    special = np.array([np.nan, -0.0, np.inf, 1e-45], np.float32)
    write_state(tmp_path / "s", {"x": special})
    found = read_state(tmp_path / "s", {"x": special})
    assert found["x"].tobytes() == special.tobytes()


def test_who_reads_the_old_file_goes_on_reading_it(tmp_path):
    path = tmp_path / "s"
    write_state(path, STATE)
    before = path.read_bytes()
    with path.open("rb") as reader:
        write_state(path, {**STATE, "step": np.array(8, np.int64)})
        assert reader.read() == before
    assert path.read_bytes() != before


def test_a_failing_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "s"
    write_state(path, STATE)
    before = path.read_bytes()

    def full(handle):
        raise OSError(28, "no space left")

    monkeypatch.setattr(state_file.os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_state(path, {**STATE, "step": np.array(8, np.int64)})
    assert os.listdir(tmp_path) == ["s"]
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_permissions_are_those_of_any_new_file_or_of_the_old_one(tmp_path):
    path, plain = tmp_path / "s", tmp_path / "plain"
    plain.write_bytes(b"")
    write_state(path, STATE)
    assert path.stat().st_mode == plain.stat().st_mode
    path.chmod(0o640)
    write_state(path, STATE)
    assert path.stat().st_mode & 0o777 == 0o640
