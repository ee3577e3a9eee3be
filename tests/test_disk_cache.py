"""The cache on disk gives back what was stored, or nothing."""

import json

import pytest

import graphdl as gd
from graphdl import disk_cache
from graphdl.passes import partials


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", str(tmp_path))
    return tmp_path


def test_what_is_stored_is_loaded():
    value = {"a": [1, 2.5, "ȳ"], "b": None}
    disk_cache.store_json("some", "key", value)
    assert disk_cache.load_json("some", "key") == value
    assert disk_cache.load_json("some", "other") is None


def test_any_flipped_bit_is_seen(own_cache):
    disk_cache.store_json("some", "key", [1.5, "mul"])
    path = own_cache / "some" / "key.json"
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in (0x01, 0x80):
            damaged = bytearray(whole)
            damaged[place] ^= bit
            path.write_bytes(damaged)
            assert disk_cache.load_json("some", "key") is None, place
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert disk_cache.load_json("some", "key") is None, end


def test_a_folder_that_cannot_be_written_costs_time_only(own_cache):
    (own_cache / "some").write_text("in the way")
    disk_cache.store_json("some", "key", 1)
    assert disk_cache.load_json("some", "key") is None


def test_a_changed_constant_is_no_derivative(own_cache, monkeypatch):
    """A derivative in the cache with another number in it is derived again."""
    x = gd.input("x", (), "float64")
    op = gd.define_op("disk_cache_cubed", lambda x: 3.0 * x * x * x, replace=True)
    (right,) = partials.partials(op, ())
    (path,) = (own_cache / "derivatives").glob("*.json")
    head, _, text = path.read_text().partition("\n")
    assert json.loads(text)
    path.write_text(f"{head}\n{text.replace('9', '8')}")
    assert text != text.replace("9", "8")
    monkeypatch.setattr(partials, "_known", {})
    (again,) = partials.partials(op, ())
    assert partials.scalar_key(again) == partials.scalar_key(right)
    (slope,) = gd.grad(op(x), [x])
    assert gd.interpret(gd.Graph(slope), {"x": 2.0})["out"] == 36.0
