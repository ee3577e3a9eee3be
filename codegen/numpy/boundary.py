"""The boundary of emitted modules: checks of arguments, state, and its file, as source text."""

from __future__ import annotations

BOUNDARY = '''
def _array(what, value, dtype):
    """Return a C-contiguous array of exactly this dtype; numbers and lists are converted."""
    if type(value) is np.ndarray and value.dtype is dtype and value.flags.c_contiguous:
        return value
    if not isinstance(value, np.ndarray):
        try:
            given = np.asarray(value)
        except Exception as error:  # an object's own __array__ may raise anything
            raise TypeError(f"{what} must be {dtype}, not {type(value).__name__}") from error
        allowed = {"f": "biuf", "i": "biu", "u": "biu", "b": "b"}[dtype.kind]
        if given.dtype.kind not in (allowed if given.size else "biuf"):
            raise TypeError(f"{what} must be {dtype}, not {given.dtype}")
        if dtype.kind in "iu" and given.size:
            limits = np.iinfo(dtype)
            if int(given.min()) < limits.min or int(given.max()) > limits.max:
                raise TypeError(f"{what} has values outside {dtype}")
        return given.astype(dtype, order="C")
    if value.dtype.newbyteorder("=") != dtype:
        raise TypeError(
            f"{what} must be {dtype}, not {value.dtype}; pass it as array.astype(np.{dtype})"
        )
    if np.ma.is_masked(value):
        raise TypeError(f"{what} has masked elements, which have no value here")
    return np.ascontiguousarray(value, dtype).reshape(value.shape)


def _bind(entry, inputs, maxima, arrays):
    """Return the value of each dim, after checking the shape of every input."""
    bound = {}
    for (name, _, sizes), array in zip(inputs, arrays):
        what = f"{entry}(): input {name!r}"
        if array.ndim != len(sizes):
            raise ValueError(f"{what} must have {len(sizes)} axes, not shape {array.shape}")
        for axis, (size, given) in enumerate(zip(sizes, array.shape)):
            if isinstance(size, str):
                if given > maxima[size]:
                    raise ValueError(
                        f"{what} has {size} = {given}, but this module is made for at most "
                        f"{maxima[size]}; call it on smaller pieces"
                    )
                if bound.setdefault(size, given) != given:
                    raise ValueError(f"{what} has {size} = {given}, elsewhere it is {bound[size]}")
            elif isinstance(size, int) and size != given:
                raise ValueError(f"{what} must have size {size} in axis {axis}, not {given}")
    for (name, _, sizes), array in zip(inputs, arrays):
        for axis, (size, given) in enumerate(zip(sizes, array.shape)):
            if callable(size) and size(**bound) != given:
                raise ValueError(
                    f"{entry}(): input {name!r} must have size {size(**bound)} in axis {axis}, "
                    f"not {given}"
                )
    return tuple(bound[name] for name in maxima)


def _apart(array, state):
    """Return a copy of an array that is part of the state, to which the step writes."""
    return array.copy() if array.base is state.memory else array


class State:
    """The module's state by name; assigning copies values into the arrays that steps update."""

    def __init__(self, shapes):
        arrays = {name: np.zeros(shape, dtype) for name, shape, dtype in shapes}
        starts, place = [], 0
        for array in arrays.values():
            starts.append(place)
            place += -(-array.nbytes // 64) * 64
        self.memory = np.zeros(place, np.uint8)  # one block, so that inputs can be told from it
        self._arrays = {
            name: self.memory[at : at + a.nbytes].view(a.dtype).reshape(a.shape)
            for at, (name, a) in zip(starts, arrays.items())
        }

    def __getitem__(self, name):
        if name not in self._arrays:
            raise KeyError(f"no state is named {name!r}; there are {sorted(self._arrays)}")
        return self._arrays[name]

    def __setitem__(self, name, value):
        array = self[name]
        given = np.asarray(value)
        if given.shape != array.shape:
            raise ValueError(f"state {name!r} has shape {array.shape}, not {given.shape}")
        if not np.can_cast(given.dtype, array.dtype, "same_kind"):
            raise TypeError(f"state {name!r} is {array.dtype}, not {given.dtype}")
        array[...] = given

    def __iter__(self):
        return iter(self._arrays)

    def __len__(self):
        return len(self._arrays)

    def __contains__(self, name):
        return name in self._arrays

    def keys(self):
        return self._arrays.keys()

    def values(self):
        return self._arrays.values()

    def items(self):
        return self._arrays.items()


_CODES = {"BOOL": "bool", "U8": "uint8", "I32": "int32", "I64": "int64", "F32": "float32",
          "F64": "float64"}  # fmt: skip


def _write_state(path, arrays):
    """Write a safetensors file: the header's size, a JSON header, then the arrays' bytes."""
    codes = {dtype: code for code, dtype in _CODES.items()}
    header, place = {}, 0
    for name, array in arrays.items():
        code = codes[array.dtype.name]
        places = [place, place + array.nbytes]
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": places}
        place += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = os.fspath(path)
    temporary = f"{path}.{os.getpid()}-{id(header)}"  # in one place, so that replacing is atomic
    try:
        with open(temporary, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for array in arrays.values():
                file.write(array.astype(array.dtype.newbyteorder("<")).tobytes())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def _read_state(path, state):
    """Return the arrays of a safetensors file; one that is too large for the state is not read."""
    most = 10_000_000 + sum(6 * len(name) + 200 + array.nbytes for name, array in state.items())
    with open(path, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{path} is larger than a file of this state can be")
    first = 8 + int.from_bytes(data[:8], "little")
    arrays, place = {}, 0
    try:
        header = json.loads(data[8:first])
        header.pop("__metadata__", None)
        for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
            dtype, (begin, end) = np.dtype(_CODES[entry["dtype"]]), entry["data_offsets"]
            if begin != place or first + end > len(data):
                raise ValueError("arrays overlap, or bytes are missing")
            array = np.frombuffer(data[first + begin : first + end], dtype.newbyteorder("<"))
            arrays[name] = array.astype(dtype).reshape(entry["shape"])
            if [*arrays[name].shape] != entry["shape"]:
                raise ValueError(f"{entry['shape']} is no shape")
            place = end
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path} is no complete safetensors file: {error}") from error
    if first + place != len(data):
        raise ValueError(f"{path} is no complete safetensors file: it has bytes of no array")
    return arrays
'''

METHODS = '''
    def save_state(self, path):
        """Write the state to a safetensors file."""
        _write_state(path, dict(self.state.items()))

    def load_state(self, path):
        """Read the state from a safetensors file; nothing changes unless all of it fits."""
        arrays = _read_state(path, self.state)
        if set(arrays) != set(self.state):
            missing, unknown = set(self.state) - set(arrays), set(arrays) - set(self.state)
            raise ValueError(
                f"{path} does not fit: missing {sorted(missing)}, unknown {sorted(unknown)}"
            )
        for name, array in arrays.items():
            own = self.state[name]
            if array.shape != own.shape or array.dtype != own.dtype:
                raise ValueError(
                    f"{path}: {name!r} is {array.dtype}{array.shape}, not {own.dtype}{own.shape}"
                )
        for name, array in arrays.items():
            self.state[name] = array
'''
