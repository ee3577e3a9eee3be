"""A module as C source: context, kernels, entry points, error messages, header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from graphdl.codegen.c import runtime
from graphdl.codegen.c.blob import Blob, fingerprint
from graphdl.codegen.c.contraction import contract_function
from graphdl.codegen.c.families import SCALAR_TYPES, literal
from graphdl.codegen.c.function import Function
from graphdl.codegen.c.loops import loop_function
from graphdl.codegen.c.order import order_function
from graphdl.codegen.c.sizes import dim_name, linear_text, size_text
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.lower.memory import ALIGNMENT, buffer_bytes
from graphdl.codegen.lower.names import Names
from graphdl.codegen.program import Buffer, ContractKernel, IndexCheck, OrderKernel, Program
from graphdl.ir.dtypes import uint8
from graphdl.ir.size_checks import SizeCheck


@dataclass(frozen=True)
class CSource:
    """The emitted files of a module.

    Attributes
    ----------
    source, header : str
        Text of ``<name>.c`` and ``<name>.h``.
    state_offsets : dict of str to int
        Where each state lies in the context, in bytes.
    context_bytes : int
        Size of the context.
    errors : tuple of (str, check or None)
        What each error code means, code 1 first.
    fingerprint : int
        Identifies names, shapes and dtypes of the state: a saved blob carries it.
    functions : tuple of Function
        The kernels, for reports.
    """

    source: str
    header: str
    state_offsets: dict[str, int]
    context_bytes: int
    errors: tuple[tuple[str, IndexCheck | SizeCheck | None], ...]
    fingerprint: int
    functions: tuple[Function, ...]


def emit(module: Module, threads: int = 1) -> CSource:
    """Return a module as C99 that needs libm only.

    Parameters
    ----------
    module : Module
        Lowered entry points.
    threads : int
        Most threads that loops may use; the text asks OpenMP for ``GRAPHDL_THREADS``.
    """
    return _ModulePrinter(module, threads).emit()


class _ModulePrinter:
    def __init__(self, module: Module, threads: int) -> None:
        self.module, self.name, self.threads = module, module.name, threads
        self.functions: list[list[Function]] = []
        self.taken = {self.name} | {f"{self.name}_{p.name}" for p in module.programs}
        for p in module.programs:  # inside the entry point they hide functions
            self.taken |= {b.name for b in (*p.inputs, *p.outputs, *p.state, *p.temporaries)}
        for program in module.programs:
            self.functions.append([self._function(program, i) for i in range(len(program.kernels))])
        self.scratch = max((f.scratch for fs in self.functions for f in fs), default=0)
        self.offsets: dict[str, int] = {}
        position = 0
        for label, buffer in module.state.items():
            self.offsets[label] = position
            position += buffer_bytes(buffer, {})
        self.blob = Blob(self.name, fingerprint(module), position)
        self.arena_at = position
        self.scratch_at = position + module.arena
        self.bytes = max(self.scratch_at + self.scratch, ALIGNMENT)
        self.errors: list[tuple[str, IndexCheck | SizeCheck | None]] = [
            ("a dim is negative or larger than its maximum", None),
            ("the blob is not the state of this module, or it is damaged", None),
        ]

    def _function(self, program: Program, number: int) -> Function:
        kernel = program.kernels[number]
        name = f"{program.name}_{number}_{kernel.name}"
        while name in self.taken:
            name += "_"
        maxima = self.module.maxima
        if isinstance(kernel, ContractKernel):
            return contract_function(kernel, name, maxima, self.threads)
        if isinstance(kernel, OrderKernel):
            return order_function(kernel, name, maxima)
        return loop_function(kernel, name, maxima, self.threads)

    def emit(self) -> CSource:
        """Print everything."""
        body = [*self._constants(), *self._context(), *self._kernels()]
        for program, functions in zip(self.module.programs, self.functions, strict=True):
            body += self._entry(program, functions)
        body += [*self.blob.lines(), *self._messages(), *self._binding()]
        text = "\n".join(body)
        used = set(_words(text))
        vector = runtime.source(sorted(used & runtime.available()))
        scalar = runtime.scalar_source(sorted(used & runtime.scalar_names()))
        first = f"/* {self.name}.c - emitted by graphdl; C99, needs libm only. */\n"
        includes = f'#include "{self.name}.h"\n\n#include <string.h>\n'
        flat = tuple(f for fs in self.functions for f in fs)
        return CSource(
            f"{first}{includes}{vector}\n{scalar}\n{text}\n",
            self.header(),
            self.offsets,
            self.bytes,
            tuple(self.errors),
            self.blob.fingerprint,
            flat,
        )

    def _constants(self) -> list[str]:
        lines = []
        for buffer in self.module.constants:
            assert buffer.value is not None
            numbers = [literal(v, buffer.dtype) for v in buffer.value.ravel().tolist()] or ["0"]
            lines.append(f"static const {SCALAR_TYPES[buffer.dtype]} {buffer.name}[] = {{")
            for start in range(0, len(numbers), 8):
                lines.append("    " + ", ".join(numbers[start : start + 8]) + ",")
            lines += ["};", ""]
        return lines

    def _context(self) -> list[str]:
        name = self.name
        return [
            "/* State first, then the arena of intermediate results, then scratch. */",
            f"struct {name} {{",
            "    unsigned char bytes[1];",
            "};",
            "",
            f"size_t {name}_context_bytes(void) {{",
            f"    return (size_t){self.bytes};",
            "}",
            "",
            f"{name} *{name}_init(void *memory, size_t bytes) {{",
            f"    if (memory == NULL || bytes < {name}_context_bytes() ||",
            f"        (uintptr_t)memory % {ALIGNMENT} != 0)",
            "        return NULL;",
            f"    memset(memory, 0, {name}_context_bytes());",
            f"    return ({name} *)memory;",
            "}",
            "",
        ]

    def _kernels(self) -> list[str]:
        helpers: dict[str, None] = {}
        for functions in self.functions:
            for function in functions:
                helpers.update(dict.fromkeys(function.helpers))
        lines = []
        if self.threads > 1:
            lines += [
                "/* How many threads OpenMP may use; results do not depend on it. */",
                "#ifndef GRAPHDL_THREADS",
                f"#  define GRAPHDL_THREADS {self.threads}",
                "#endif",
                "",
            ]
        if any("GRAPHDL_HIDE(" in line for fs in self.functions for f in fs for line in f.lines):
            lines += [
                "/* Keeps a compiler from knowing a number. */",
                "#ifdef __GNUC__",
                '#  define GRAPHDL_HIDE(n) __asm__("" : "+r"(n))',
                "#else",
                "#  define GRAPHDL_HIDE(n) (void)0",
                "#endif",
                "",
            ]
        for helper in helpers:
            lines += [helper.rstrip("\n"), ""]
        for functions in self.functions:
            for function in functions:
                lines += [*function.lines, ""]
        return lines

    def parameters(self, program: Program) -> list[str]:
        """Return the parameters of an entry point."""
        inputs = [f"const {SCALAR_TYPES[b.dtype]} *{b.name}" for b in program.inputs]
        outputs = [f"{SCALAR_TYPES[b.dtype]} *{b.name}" for b in program.outputs]
        dims = [f"int64_t {dim_name(d)}" for d in program.dims]
        return [f"{self.name} *context", *dims, *inputs, *outputs]

    def _declared(self, program: Program) -> list[str]:
        """Return the parameters as the header names them: like the user, and each name once."""
        labels = [b.label for b in (*program.inputs, *program.outputs)]
        names = Names(["context"])
        words = [names.new(wish) for wish in (*program.dims, *labels)]
        stars = [p.rpartition("*" if "*" in p else " ")[:2] for p in self.parameters(program)]
        named = [f"{a}{b}{word}" for (a, b), word in zip(stars[1:], words, strict=True)]
        return [f"{self.name} *context", *named]

    def _entry(self, program: Program, functions: Sequence[Function]) -> list[str]:
        lines = [f"int {self.name}_{program.name}({', '.join(self.parameters(program))}) {{"]
        body = ["unsigned char *const memory = context->bytes;"]
        for dim in program.dims:
            top = self.module.maxima[dim]
            body.append(f"if ({dim_name(dim)} < 0 || {dim_name(dim)} > {top}) return 1;")
        for check in program.checks:
            body += self._check(check)
        for needed in program.size_checks:
            self.errors.append((needed.problem, needed))
            size, count = size_text(needed.size), size_text(needed.count)
            body.append(f"if ({size} < 1 && {count} > 0) return {len(self.errors)};")
        for buffer in (*program.state, *program.temporaries):
            body.append(self._pointer(buffer))
        if self.scratch and any(f.scratch for f in functions):
            types = {f.scratch_type for f in functions if f.scratch}
            body += [
                f"{t} *const scratch_{t} = ({t} *)(void *)(memory + {self.scratch_at});"
                for t in sorted(types)
            ]
        used = {b for f in functions for b in f.buffers}
        body += [
            f"(void){b.name};"
            for b in (*program.inputs, *program.outputs, *program.state)
            if b not in used
        ]
        if "memory" not in " ".join(body[1:]):
            body[0] = "(void)context;"
        for function in functions:
            args = [b.name for b in function.buffers] + [dim_name(d) for d in function.dims]
            args += [f"scratch_{function.scratch_type}"] if function.scratch else []
            body.append(f"{function.name}({', '.join(args)});")
        return [*lines, *(f"    {line}" for line in body), "    return 0;", "}", ""]

    def _check(self, check: IndexCheck) -> list[str]:
        buffer = check.buffer
        self.errors.append((f"an element of {buffer.label!r} is out of range", check))
        loops, at = [("g_i", buffer.size)], "g_i"
        if check.part is not None:
            strides, offset = check.part.strides()
            loops = [(f"g_{a.name}", a.size) for a in check.axes]
            at = linear_text({f"g_{a.name}": strides[a.name] for a in check.axes}, offset)
        element = f"{buffer.name}[{at}]"
        below = f"{element} < {size_text(check.low)} || " if buffer.dtype is not uint8 else ""
        return [
            *(f"for (int64_t {n} = 0; {n} < {size_text(s)}; {n}++)" for n, s in loops),
            f"    if ({below}{element} >= {size_text(check.size)}) return {len(self.errors)};",
        ]

    def _pointer(self, buffer: Buffer) -> str:
        kind = SCALAR_TYPES[buffer.dtype]
        at = self.offsets[buffer.label] if buffer.role == "state" else self.arena_at + buffer.offset
        return f"{kind} *const {buffer.name} = ({kind} *)(void *)(memory + {at});"

    def _messages(self) -> list[str]:
        cases = [
            f'    case {i}: return "{c_string(t)}";' for i, (t, _) in enumerate(self.errors, 1)
        ]
        return [
            f"const char *{self.name}_error(int code) {{",
            "    switch (code) {",
            '    case 0: return "no error";',
            *cases,
            '    default: return "unknown error code";',
            "    }",
            "}",
            "",
        ]

    def _binding(self) -> list[str]:
        """Return entries of one signature, for callers that load the module at run time."""
        lines = ["#ifdef GRAPHDL_BINDING"]
        for program in self.module.programs:
            head = f"int {self.name}_call_{program.name}"
            lines += [
                f"{head}(void *context, const int64_t *dims, void *const *args);",
                f"{head}(void *context, const int64_t *dims, void *const *args) {{",
            ]
            args = [f"({self.name} *)context"] + [f"dims[{i}]" for i in range(len(program.dims))]
            buffers = (*program.inputs, *program.outputs)
            for i, buffer in enumerate(buffers):
                const = "const " if i < len(program.inputs) else ""
                args.append(f"({const}{SCALAR_TYPES[buffer.dtype]} *)args[{i}]")
            unused = [] if program.dims else ["    (void)dims;"]
            unused += [] if buffers else ["    (void)args;"]
            lines += [*unused, f"    return {self.name}_{program.name}({', '.join(args)});", "}"]
        return [*lines, "#endif"]

    def header(self) -> str:
        """Return the header: what a caller needs."""
        name = self.name
        lines = [
            f"/* {name}.h - emitted by graphdl. Non-zero results are errors: nothing changed. */",
            f"#ifndef {name.upper()}_H",
            f"#define {name.upper()}_H",
            "",
            "#include <stddef.h>",
            "#include <stdint.h>",
            "",
            "#ifdef __cplusplus",
            'extern "C" {',
            "#endif",
            "",
            f"typedef struct {name} {name};",
            "",
            f"#define {name.upper()}_CONTEXT_BYTES {self.bytes}",
            f"#define {name.upper()}_ALIGNMENT {ALIGNMENT}",
            f"#define {name.upper()}_BLOB_BYTES {self.blob.bytes}",
            "",
            f"/* State and working memory; init wants it aligned to {ALIGNMENT} bytes. */",
            f"size_t {name}_context_bytes(void);",
            f"{name} *{name}_init(void *memory, size_t bytes);",
            "",
        ]
        for program in self.module.programs:
            limits = ", ".join(f"0 <= {d} <= {self.module.maxima[d]}" for d in program.dims)
            if limits:
                lines.append(f"/* {limits} */")
            lines.append(f"int {name}_{program.name}({', '.join(self._declared(program))});")
        lines += [
            "",
            f"size_t {name}_blob_bytes(void);",
            f"int {name}_load({name} *context, const void *blob, size_t bytes);",
            f"int {name}_save(const {name} *context, void *blob, size_t bytes);",
            f"const char *{name}_error(int code);",
            "",
            "#ifdef __cplusplus",
            "}",
            "#endif",
            "",
            "#endif",
            "",
        ]
        return "\n".join(lines)


def c_string(text: str) -> str:
    """Return text as the inside of a C string literal."""
    out = []
    for byte in text.encode():
        plain = 32 <= byte < 127 and byte not in b'"\\?'
        out.append(chr(byte) if plain else f"\\{byte:03o}")
    return "".join(out)


def _words(text: str) -> list[str]:
    """Return the words of C text, without those in comments and strings."""
    return re.findall(r'/\*.*?\*/|"(?:\\.|[^"\\])*"|([A-Za-z_]\w*)', text, re.DOTALL)
