"""The test of a standalone folder: plain C that knows the goldens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files

import numpy as np

from graphdl.codegen.c.families import SCALAR_TYPES
from graphdl.codegen.c.module import CSource
from graphdl.codegen.c.standalone.derivative import DerivativeCheck
from graphdl.codegen.c.standalone.golden import Case, case, dim_values
from graphdl.codegen.c.standalone.pseudorandom import Draw, like
from graphdl.codegen.c.standalone.tables import (
    case_row,
    golden_tables,
    number,
    quoted,
    slots,
    table,
    tensor_row,
)
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.lower.memory import buffer_bytes
from graphdl.codegen.program import Program
from graphdl.ir.dims import evaluate
from graphdl.ir.graph import Graph
from graphdl.ir.leaves import PARAM

PRECISION = {"float32": 64 * 2.0**-24, "float64": 64 * 2.0**-53}
"""How far two ways to sum up may differ, of the sum of absolute terms."""


def state_draws(module: Module, state: Mapping[str, np.ndarray]) -> dict[str, Draw]:
    """Return the pseudo-random state of the test: from the range of each state as it is now."""
    return {
        k: like(k, np.asarray(state[k]), b.dtype, module.state_nodes[k].op is PARAM)
        for k, b in module.state.items()
    }


def state_arrays(module: Module, draws: Mapping[str, Draw]) -> dict[str, np.ndarray]:
    """Return the arrays that these draws give."""
    return {
        k: draws[k].array().reshape([evaluate(s, {}) for s in b.shape])
        for k, b in module.state.items()
    }


class SelfTest:
    """Prints ``<name>_test.c``.

    Parameters
    ----------
    module, emitted : Module, CSource
        What is tested.
    graphs : sequence of Graph
        Its entry points as they were built.
    state : mapping of str to ndarray
        Its present state.
    operations : mapping of str to int
        What one call of each entry point costs at its largest.

    Attributes
    ----------
    function : str
        The C function that runs the test.
    memory : int
        Bytes that the test writes to, known when its text is.
    """

    def __init__(
        self,
        module: Module,
        emitted: CSource,
        graphs: Sequence[Graph],
        state: Mapping[str, np.ndarray],
        operations: Mapping[str, int],
    ) -> None:
        self.module, self.emitted, self.graphs = module, emitted, graphs
        self.saved, self.operations = state, operations
        self.draws = state_draws(module, state)
        self.drawn = state_arrays(module, self.draws)
        self.input_bytes = self.output_bytes = 0
        self.state_bytes = sum(buffer_bytes(b, {}) for b in module.state.values())
        self.function = f"{module.name}_self_test"
        while any(f"{module.name}_{p.name}" == self.function for p in module.programs):
            self.function += "s"
        self.memory = 0

    def text(self, second: tuple[Module, CSource, Mapping[str, DerivativeCheck]] | None) -> str:
        """Return the test; ``second`` is the module of Jacobian products, if there is one."""
        name = self.module.name
        tables = [*self._entries(), *self._cases("case", self.drawn, "cases", all_dims=True)]
        tables += ["#ifndef GRAPHDL_NO_STDIO"]
        tables += self._cases("saved", self.saved, "saved_cases", all_dims=False)
        tables += ["#endif", ""]
        tables += self._state("state", self.module)
        end = self._template("selftest_end.c", DERIVATIVES="")
        if second is not None:
            tables += self._second(*second)
            end = self._template("selftest_end.c", DERIVATIVES="        test_derivatives();")
            end = self._template("selftest_derivative.c", SECOND=second[0].name) + "\n" + end
        # the sizes of inputs and outputs are known only now
        return "\n".join([
            f"/* {name}_test.c - emitted by graphdl: `make check`.",
            "   Expected results come from a float64 interpreter; see README.md. */",
            "",
            *self._head(second),
            self._template("selftest.c"),
            *tables,
            self._template("selftest_main.c"),
            end,
        ])  # fmt: skip

    def _template(self, file: str, **words: str) -> str:
        text = files(__package__).joinpath(file).read_text(encoding="utf-8")
        known = {"NAME": self.module.name, "TEST": self.function}
        for word, value in {**known, **words}.items():
            text = text.replace(f"@{word}@", value)
        return text

    def _head(self, second: tuple[Module, CSource, object] | None) -> list[str]:
        """Return the includes, the sizes of all memory, and part of that memory."""
        name, modules = self.module.name, [self.module.name]
        sizes = {
            "DIMS": max([1, *(len(p.dims) for p in self.module.programs)]),
            "CONTEXT_BYTES": self.emitted.context_bytes,
            "STATE_BYTES": self.state_bytes,
            "BLOB_BYTES": self.state_bytes + 24,
            "STATES": len(self.module.state),
            "INPUT_BYTES": max(self.input_bytes, 64),
            "OUTPUT_BYTES": max(self.output_bytes, 64),
        }
        lines = []
        if second is not None:
            module, emitted, _ = second
            modules.append(module.name)
            held = sum(buffer_bytes(b, {}) for b in module.state.values())
            sizes |= {
                "SECOND_CONTEXT_BYTES": emitted.context_bytes,
                "SECOND_STATE_BYTES": held,
                "SECOND_BLOB_BYTES": held + 24,
                "SECOND_STATES": len(module.state),
            }
            lines += [
                f"#define SECOND_FORM UINT64_C({emitted.fingerprint})",
                f"static {module.name} *second;",
                "static unsigned char second_memory[SECOND_CONTEXT_BYTES + 64];",
            ]
        often = {"OUTPUT_BYTES": 2, "BLOB_BYTES": 3, "DIMS": 0, "STATES": 0, "SECOND_STATES": 0}
        often |= {"STATE_BYTES": 0, "SECOND_STATE_BYTES": 0}
        self.memory = sum(often.get(k, 1) * v for k, v in sizes.items()) + 64 * len(modules)
        return [
            *(f'#include "{m}.h"' for m in modules), "",
            "#include <math.h>", "#include <string.h>", "",
            *(f"#define {k} {v}" for k, v in sizes.items()),
            f"#define FORM UINT64_C({self.emitted.fingerprint})", "",
            f"static {name} *context;",
            "static unsigned char memory[CONTEXT_BYTES + 64], *aligned;",
            "static union { double d; int64_t l; unsigned char bytes[INPUT_BYTES]; } inputs;",
            "static union { double d; int64_t l; unsigned char bytes[OUTPUT_BYTES]; } outputs;",
            *lines, "",
        ]  # fmt: skip

    def _call(self, program: Program, function: str, context: str, thunk: str) -> list[str]:
        """Return a function that passes the test's arrays."""
        ins, size = slots(program.inputs, self.module.maxima)
        outs, out_size = slots(program.outputs, self.module.maxima)
        self.input_bytes = max(self.input_bytes, size)
        self.output_bytes = max(self.output_bytes, out_size)
        args = [context, *(f"dims[{k}]" for k in range(len(program.dims)))]
        args += [
            f"(const {SCALAR_TYPES[b.dtype]} *)(const void *)(inputs.bytes + {at})"
            for b, at in zip(program.inputs, ins, strict=True)
        ]
        args += [
            f"({SCALAR_TYPES[b.dtype]} *)(void *)(outputs.bytes + {at})"
            for b, at in zip(program.outputs, outs, strict=True)
        ]
        joined = ",\n        ".join(args)
        unused = [] if program.dims else ["    (void)dims;"]
        return [
            f"static int {thunk}(const int64_t *dims) {{",
            *unused,
            f"    return {function}(",
            f"        {joined});",
            "}",
            "",
        ]

    def _entries(self) -> list[str]:
        lines, rows = [], []
        for graph, program in zip(self.graphs, self.module.programs, strict=True):
            thunk = f"call_{program.name}"
            lines += self._call(program, f"{self.module.name}_{program.name}", "context", thunk)
            maxima = ", ".join(str(self.module.maxima[d]) for d in program.dims) or "0"
            rows.append(
                f'{{"{quoted(graph.name)}", {len(program.dims)}, {{{maxima}}}, {thunk}, '
                f"{len(graph.updates)}}}"
            )
        return [*lines, *table("entry_point entries", rows)]

    def _cases(
        self, prefix: str, state: Mapping[str, np.ndarray], name: str, *, all_dims: bool
    ) -> list[str]:
        lines: list[str] = []
        rows: list[str] = []
        bad: list[str] = []
        for number_, (graph, program) in enumerate(
            zip(self.graphs, self.module.programs, strict=True)
        ):
            every = dim_values(program, self.module.maxima)
            for values in every if all_dims else every[-2:][:1]:
                share = self._share(program, values)
                found = case(graph, program, values, state, share)
                if found is None:
                    continue
                label = f"{prefix}_{len(rows)}"
                lines += self._case(label, program, found)
                bad += self._bad(len(rows), program, found)
                at = ", ".join(f"{d} = {v}" for d, v in zip(program.dims, values, strict=True))
                where = f"{graph.name}({at}){'' if all_dims else ', saved state'}"
                rows.append(case_row(label, number_, where, found))
        lines += [f"#define {name.upper()} {len(rows)}", *table(f"golden_case {name}", rows)]
        if all_dims:
            lines += [f"#define BAD_INDICES {len(bad)}", *table("bad_index bad_indices", bad)]
        return lines

    def _share(self, program: Program, values: tuple[int, ...]) -> int:
        """Return a rough number of operations at these dims."""
        cost = float(self.operations[program.name])
        for dim, value in zip(program.dims, values, strict=True):
            cost *= value / max(self.module.maxima[dim], 1)
        return int(cost)

    def _case(self, label: str, program: Program, found: Case) -> list[str]:
        ins, _ = slots(program.inputs, self.module.maxima)
        outs, _ = slots(program.outputs, self.module.maxima)
        names = [b.label for b in program.inputs]
        rows = [tensor_row(*row) for row in zip(names, found.inputs, ins, strict=True)]
        offsets = self.emitted.state_offsets
        updates = [(g, offsets[k]) for k, g in found.state.items()]
        return [
            *table(f"tensor {label}_in", rows),
            *golden_tables(f"{label}_out", zip(found.outputs, outs, strict=True)),
            *golden_tables(f"{label}_set", updates),
        ]

    def _bad(self, at: int, program: Program, found: Case) -> list[str]:
        """Return the inputs of a call that hold indices, with their limits."""
        env = dict(zip(program.dims, found.dims, strict=True))
        rows = []
        for k, (b, draw) in enumerate(zip(program.inputs, found.inputs, strict=True)):
            whole = [c for c in program.checks if c.buffer is b and c.part is None]
            if whole and draw.count:
                size = min(evaluate(c.size, env) for c in whole)
                low = max(evaluate(c.low, env) for c in whole)
                rows.append(f"{{{at}, {k}, {low}, {size}}}")
        return rows

    def _state(
        self, name: str, module: Module, offsets: Mapping[str, int] | None = None
    ) -> list[str]:
        held = offsets or self.emitted.state_offsets
        rows = [tensor_row(k, self.draws[k], held[k]) for k in module.state]
        return table(f"tensor {name}", rows)

    def _second(
        self, module: Module, emitted: CSource, checks: Mapping[str, DerivativeCheck]
    ) -> list[str]:
        """Return the tables of the dot-product test."""
        lines = [
            "/* One entry point of the second module: v and u in, J v and J' u out. */",
            "typedef struct {",
            "    const char *name;",
            "    int64_t dims[DIMS];",
            "    int (*call)(const int64_t *);",
            "    int inputs, own, tangents, cotangents;",
            "    const tensor *input, *output;",
            "    double precision, slope, tolerance;",
            "} product_test;",
            "",
        ]
        rows = []
        for k, check in enumerate(checks.values()):
            thunk = f"products_{check.program.name}"
            function = f"{module.name}_{check.program.name}"
            lines += self._call(check.program, function, "second", thunk)
            lines += self._product_tables(k, check)
            rows.append(self._product_row(k, check, thunk))
        lines += [f"#define PRODUCTS {len(rows)}", *table("product_test products", rows)]
        return [*lines, *self._state("second_state", module, emitted.state_offsets)]

    def _product_tables(self, k: int, check: DerivativeCheck) -> list[str]:
        program = check.program
        ins, _ = slots(program.inputs, self.module.maxima)
        outs, _ = slots(program.outputs, self.module.maxima)
        labels = [b.label for b in program.inputs]
        rows = [tensor_row(*row) for row in zip(labels, check.inputs, ins, strict=True)]
        own = len(check.inputs) - check.tangents - check.cotangents
        ends = [*check.inputs[own + check.tangents :], *check.inputs[own : own + check.tangents]]
        results = [
            tensor_row(b.label, draw, at)
            for b, draw, at in zip(program.outputs, ends, outs, strict=True)
        ]
        return [*table(f"tensor product_{k}_in", rows), *table(f"tensor product_{k}_out", results)]

    def _product_row(self, k: int, check: DerivativeCheck, thunk: str) -> str:
        own = len(check.inputs) - check.tangents - check.cotangents
        dims = ", ".join(map(str, check.dims)) or "0"
        coarse = "float32" if any(d.dtype.name == "float32" for d in check.inputs) else "float64"
        slope = number(0.0 if check.slope is None else check.slope)
        tolerance = -1.0 if check.slope is None else check.tolerance
        return (
            f'{{"{quoted(check.program.name)}", {{{dims}}}, {thunk}, {len(check.inputs)}, {own}, '
            f"{check.tangents}, {check.cotangents}, product_{k}_in, product_{k}_out, "
            f"{number(PRECISION[coarse])}, {slope}, {tolerance:.3g}}}"
        )
