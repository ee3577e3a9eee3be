"""Programs as the text of a Python module that imports only numpy."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from graphdl.codegen.numpy.boundary import BOUNDARY, METHODS
from graphdl.codegen.numpy.printer import ProgramPrinter
from graphdl.codegen.numpy.support import support_text
from graphdl.codegen.numpy.text import (
    Names,
    dtype_text,
    indent,
    literal,
    quoted,
    size_text,
    tuple_text,
)
from graphdl.codegen.numpy.views import trimmed
from graphdl.codegen.program import Buffer, IndexCheck, Program
from graphdl.ir.dims import Size, symbol, symbols
from graphdl.ir.dtypes import uint8
from graphdl.ir.errors import DimensionError

RESERVED = frozenset([
    "np", "json", "os", "min", "range", "len", "memory", "state", "start", "stop", "plan", "step",
    "self", "Module", "State", "dict", "zip", "enumerate", "isinstance", "str", "int", "callable",
    "tuple", "set", "sorted", "open", "super", "type", "any", "list", "bytes",
    "IndexError", "KeyError", "TypeError", "ValueError", "float", "bool", "id", "max", "slice",
])  # fmt: skip
"""Names that an emitted module uses itself."""

METHOD_RESERVED = frozenset(["self", "np", "len", "tuple", "MOST_STEPS"])
"""Those that a method uses, whose arguments otherwise keep the names of the inputs."""

INLINE = 64
"""Elements up to which a constant is printed as numbers, larger ones as bytes."""


def emit(name: str, programs: Sequence[Program], dims: Mapping[str, int]) -> str:
    """Return the source of a module with one method an entry point.

    Parameters
    ----------
    name : str
        The module's name, for its docstring.
    programs : sequence of Program
        Entry points that share state and constants.
    dims : mapping of str to int
        The largest value of each symbolic dim.

    Raises
    ------
    DimensionError
        If a dim has no maximum.
    """
    return _ModulePrinter(name, programs, dims).text()


class _ModulePrinter:
    def __init__(self, name: str, programs: Sequence[Program], dims: Mapping[str, int]) -> None:
        self.name, self.programs = name, programs
        used = list(dict.fromkeys(d for p in programs for d in p.dims))
        missing = [d for d in used if d not in dims]
        if missing:
            raise DimensionError(
                f"dim {missing[0]!r} has no maximum", remedy=f"give dims={{{missing[0]!r}: ...}}"
            )
        self.maxima = dict(dims)
        self.names = Names(RESERVED)
        self.constants = {
            b: self.names.take(f"_{b.name}" if b.name[0] != "_" else b.name)
            for b in dict.fromkeys(c for p in programs for c in p.constants)
        }
        self.dims = {d: self.names.take(d) for d in used}
        self.printers = [
            ProgramPrinter(p, self.maxima, self.dims, self.names.copy(), self.constants)
            for p in programs
        ]

    def text(self) -> str:
        """Return the whole module."""
        plans = "".join(
            self._plan(p, printer) for p, printer in zip(self.programs, self.printers, strict=True)
        )
        calls = ", ".join(f"{p.name}({', '.join(self._parameters(p))})" for p in self.programs)
        head = f'"""{self._plain(self.name)}: {self._plain(calls)}. Made by graphdl."""\n\n'
        state = any(p.state for p in self.programs)
        imports = ("import json\nimport os\n\n" if state else "") + "import numpy as np\n"
        imports += "\nMOST_STEPS = 64  # combinations of sizes whose arrays are kept prepared\n"
        boundary = BOUNDARY if state else BOUNDARY[: BOUNDARY.index("\n\nclass State")] + "\n"
        return "".join([
            head, imports, self._constants(), support_text(plans), "\n", boundary, "\n", plans,
            self._specs(), "\n", self._class(),
        ])  # fmt: skip

    def _plain(self, text: str) -> str:
        return "".join(c for c in text if c.isprintable() and c not in '\\"')

    def _paragraph(self, text: str) -> list[str]:
        plain = self._plain(text)
        return textwrap.wrap(plain, 90, initial_indent="    ", subsequent_indent="    ")

    def _constants(self) -> str:
        lines = [f"{name} = {_constant(b)}" for b, name in self.constants.items()]
        return "\n" + "\n".join(lines) + "\n" if lines else ""

    def _plan(self, program: Program, printer: ProgramPrinter) -> str:
        """Return the function that prepares everything for given dims and returns the step."""
        inputs = [printer.texts[b] for b in program.inputs]
        dims = "".join(f", {self.dims[d]}" for d in program.dims)
        body = [line for check in program.checks for line in self._check(program, check, printer)]
        for buffer in program.outputs:
            shape = printer.views.shape(buffer.shape)
            allocation = f"np.empty({shape}, {dtype_text(buffer.dtype)})"
            body.append(f"{printer.texts[buffer]} = {allocation}")
        body += printer.body
        results = [f"{quoted(b.label)}: {printer.texts[b]}" for b in program.outputs]
        body += ["", f"return {{{', '.join(results)}}}"]
        sizes = f" for {', '.join(self.dims[d] for d in program.dims)}" if program.dims else ""
        lines = [
            f"def _plan_{program.name}(memory, state{dims}):",
            f'    """Prepare the arrays of {program.name}{sizes}; return its step."""',
            *indent(self._size_checks(program)),
            *indent(printer.setup),
            "",
            f"    def step({', '.join(inputs)}):",
            *indent(body, 2),
            "",
            "    return step",
        ]
        return "\n\n" + "\n".join(lines) + "\n"

    def _check(self, program: Program, check: IndexCheck, printer: ProgramPrinter) -> list[str]:
        array, dtype = printer.texts[check.buffer], check.buffer.dtype
        size, low = size_text(check.size, self.dims), size_text(check.low, self.dims)
        if check.part is not None:
            names = [a.name for a in check.axes]
            sizes = {a.name: a.size for a in check.axes}
            array = printer.views.view(array, check.part, trimmed(names, names), sizes)
        if check.negative or dtype is uint8:
            below = f"np.minimum.reduce({array}, axis=None, initial=0) < {low} or "
            test = f"np.maximum.reduce({array}, axis=None, initial=0) >= {size}"
            test = test if dtype is uint8 else below + test
        else:  # as unsigned numbers, negative ones are large
            unsigned = f"{array}.view(np.u{dtype.name})"
            test = f"np.maximum.reduce({unsigned}, axis=None, initial=0) >= {size}"
        what = f"{program.label}(): input {check.buffer.label!r}"
        if isinstance(check.size, int):
            message = quoted(f"{what} has an index outside of [{low}, {size})")
        else:
            message = quoted(f"{what} has an index outside of ") + f' + f"[{{{low}}}, {{{size}}})"'
        return [f"if {test}:", f"    raise IndexError({message})"]

    def _size_checks(self, program: Program) -> list[str]:
        """Return the checks that depend on sizes only, so that the plan does them."""
        lines = []
        for check in program.size_checks:
            size, count = size_text(check.size, self.dims), size_text(check.count, self.dims)
            message = quoted(f"{program.label}(): {check.problem}")
            lines += [f"if {size} < 1 and {count} > 0:", f"    raise IndexError({message})"]
        return lines

    def _parameters(self, program: Program) -> list[str]:
        names = Names(METHOD_RESERVED)
        return [names.take(b.label or b.name) for b in program.inputs]

    def _class(self) -> str:
        arena = max((p.arena for p in self.printers), default=0)
        state = list(dict.fromkeys(b for p in self.programs for b in p.state))
        shapes = []
        for b in state:
            shape = tuple_text(map(str, b.shape))
            shapes.append(f"({quoted(b.label)}, {shape}, {dtype_text(b.dtype)}),")
        lines = ["class Module:", f'    """The entry points of {self._plain(self.name)}."""', ""]
        lines += ["    def __init__(self, path=None):"]
        if state:
            lines += ["        self.state = State([", *indent(shapes, 3), "        ])"]
        else:
            lines += ["        self.state = {}"]
        lines += [
            f"        self._memory = np.empty({arena}, np.uint8)",
            *(f"        self._steps_{p.name} = {{}}" for p in self.programs),
        ]
        if state:
            lines += ["        if path is not None:", "            self.load_state(path)"]
        for program in self.programs:
            lines += ["", *indent(self._method(program))]
        methods = METHODS if state else ""
        return "\n" + "\n".join(lines) + "\n" + methods

    def _specs(self) -> str:
        """Return what each entry point takes."""
        lines = []
        for program in self.programs:
            inputs = []
            for b in program.inputs:
                sizes = tuple_text(self._size_spec(s, program) for s in b.shape)
                inputs.append(f"    ({quoted(b.label)}, np.dtype({dtype_text(b.dtype)}), {sizes}),")
            maxima = ", ".join(f"{quoted(d)}: {self.maxima[d]}" for d in program.dims)
            spec = f"_{program.name}"
            lines += ["", f"{spec}_INPUTS = (", *inputs, ")"]
            lines += [f"{spec}_DTYPES = tuple(dtype for _, dtype, _ in {spec}_INPUTS)"]
            lines += [f"{spec}_DIMS = {{{maxima}}}"]
        return "\n" + "\n".join(lines) + "\n"

    def _size_spec(self, size: Size, program: Program) -> str:
        if isinstance(size, int):
            return str(size)
        name = symbols(size)[0]
        if size == symbol(name):
            return quoted(name)
        given = {d: self.dims[d] for d in program.dims}
        if all(k == v for k, v in given.items()):
            return f"lambda {', '.join(program.dims)}: {size_text(size, given)}"
        renamed = {d: f"dims[{d!r}]" for d in program.dims}
        return f"lambda **dims: {size_text(size, renamed)}"

    def _method(self, program: Program) -> list[str]:
        parameters = self._parameters(program)
        name, spec = program.name, f"_{program.name}"
        takes = [
            f"{n}: {b.dtype}[{', '.join(map(str, b.shape))}]"
            for n, b in zip(parameters, program.inputs, strict=True)
        ]
        gives = [f"{b.label}: {b.dtype}[{', '.join(map(str, b.shape))}]" for b in program.outputs]
        shapes = tuple_text(f"{n}.shape" for n in parameters)
        listed = ", ".join(parameters)
        checks = []
        for place, (n, b) in enumerate(zip(parameters, program.inputs, strict=True)):
            what = quoted(f"{program.label}(): input {b.label!r}")
            checked = f"_array({what}, {n}, {spec}_DTYPES[{place}])"
            if program.state:
                checked = f"_apart({checked}, self.state)"
            checks.append(f"    {n} = {checked}")
        return [
            f"def {program.name}({', '.join(['self', *parameters])}):",
            '    """Return a dict of arrays.',
            "",
            *self._paragraph(f"Takes {', '.join(takes) or 'nothing'}."),
            *self._paragraph(f"Returns {', '.join(gives)}."),
            '    """',
            *checks,
            f"    _step = self._steps_{name}.get({shapes})",
            '    with np.errstate(all="ignore"):',
            "        if _step is None:",
            f"            _step = self._prepare_{name}({listed})",
            f"        return _step({listed})",
            "",
            f"def _prepare_{name}({', '.join(['self', *parameters])}):",
            f'    """Return the step of {name} for inputs of these shapes."""',
            f"    _arrays = {tuple_text(parameters)}",
            f"    _sizes = _bind({quoted(program.label)}, {spec}_INPUTS, {spec}_DIMS, _arrays)",
            f"    if len(self._steps_{name}) >= MOST_STEPS:",
            f"        self._steps_{name}.clear()",
            f"    _step = _plan_{name}(self._memory, self.state, *_sizes)",
            f"    self._steps_{name}[tuple(_a.shape for _a in _arrays)] = _step",
            "    return _step",
        ]


def _constant(buffer: Buffer) -> str:
    value = buffer.value
    assert value is not None
    dtype = dtype_text(buffer.dtype)
    if value.size <= INLINE:
        numbers = ", ".join(literal(v, buffer.dtype) for v in value.ravel().tolist())
        return f"np.array([{numbers}], {dtype}).reshape({value.shape})"
    data = value.astype(value.dtype.newbyteorder("<")).tobytes().hex()
    rows = [f'    "{data[i : i + 88]}"' for i in range(0, len(data), 88)]
    joined = "\n".join(rows)
    little = f"np.dtype({dtype}).newbyteorder('<')"
    tail = f").copy().astype({dtype}).reshape({value.shape})"
    return f"np.frombuffer(bytes.fromhex(\n{joined}\n), {little}{tail}"
