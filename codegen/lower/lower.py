"""From a graph to a program: fuse, build kernels, order them, plan memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graphdl.codegen.lower.build import Builder
from graphdl.codegen.lower.groups import Group
from graphdl.codegen.lower.index_checks import index_checks
from graphdl.codegen.lower.memory import buffer_bytes, in_place, plan
from graphdl.codegen.lower.names import MODULE_FUNCTIONS, Names, sanitise
from graphdl.codegen.lower.normalise import normalise
from graphdl.codegen.lower.partition import Partition
from graphdl.codegen.lower.pull import Storage
from graphdl.codegen.lower.schedule import schedule
from graphdl.codegen.lower.sources import Sources, is_compute
from graphdl.codegen.program import (
    Buffer,
    Kernel,
    Program,
    Role,
    kernel_stores,
    reads,
    used_buffers,
)
from graphdl.ir import leaves
from graphdl.ir.errors import DuplicateNameError, GraphError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.ir.size_checks import size_checks


@dataclass(eq=False)
class Module:
    """Several programs that share state and constants.

    Attributes
    ----------
    name : str
        An identifier.
    maxima : mapping of str to int
        The largest value of each symbolic dim.
    state : dict of str to Buffer
        By the user's name.
    interned : dict of bytes to Buffer
        Array constants by what they hold, read or not.
    arena : int
        Bytes that the temporaries of any one program need.
    names, entry_names : Names
        Identifiers of state and constants, and of entry points.
    """

    name: str
    maxima: Mapping[str, int]
    programs: list[Program] = field(default_factory=list)
    state: dict[str, Buffer] = field(default_factory=dict)
    state_nodes: dict[str, Node] = field(default_factory=dict)
    interned: dict[bytes, Buffer] = field(default_factory=dict)
    arena: int = 0
    names: Names = field(default_factory=Names)
    entry_names: Names = field(default_factory=lambda: Names(MODULE_FUNCTIONS))

    def __post_init__(self) -> None:
        self.names.taken.add(self.name)  # in C it is a type

    def state_buffer(self, node: Node) -> Buffer:
        """Return the one buffer of a state, whichever program asks."""
        known = self.state_nodes.setdefault(node.name, node)
        if known.op is not node.op or known.shape != node.shape or known.dtype is not node.dtype:
            raise DuplicateNameError(
                f"two entry points declare state {node.name!r} differently: {known!r} from "
                f"{known.site} and {node!r}",
                site=node.site,
                remedy="share the same gd.param or gd.state",
            )
        if node.name not in self.state:
            identifier = self.names.new(node.name)
            self.state[node.name] = Buffer(identifier, node.dtype, node.shape, "state", node.name)
        return self.state[node.name]

    def constant_buffer(self, node: Node) -> Buffer:
        """Return the one buffer of an array constant."""
        value = node.attr("value")
        key = f"{value.dtype.str}{value.shape}".encode() + value.tobytes()
        if key not in self.interned:
            identifier = self.names.new("constant")
            buffer = Buffer(identifier, node.dtype, node.shape, "constant", value=value)
            self.interned[key] = buffer
        return self.interned[key]

    @property
    def constants(self) -> Sequence[Buffer]:
        """The array constants that programs read, each once."""
        return list(dict.fromkeys(b for p in self.programs for b in p.constants))


def lower(graph: Graph, module: Module, *, fuse: bool = True) -> Program:
    """Add a graph, composites expanded, to a module as an entry point.

    Parameters
    ----------
    graph : Graph
        What one call computes.
    module : Module
        Takes the program and shares its state and constants.
    fuse : bool
        False gives every node a kernel of its own, for comparison.
    """
    require_expanded(graph)
    graph = normalise(graph)
    return _Lowering(graph, module, fuse).program()


class _Lowering:
    def __init__(self, graph: Graph, module: Module, fuse: bool) -> None:
        self.graph, self.module = graph, module
        self.state = [module.state_buffer(n) for n in graph.state]
        self.buffer_of: dict[Node, Buffer] = dict(zip(graph.state, self.state, strict=True))
        for node in graph.nodes:
            if node.op is leaves.CONSTANT and node.shape:
                self.buffer_of[node] = module.constant_buffer(node)
        self.names = Names(module.names.taken)
        self.inputs = [self._buffer(n.name, n, "input", n.name) for n in graph.inputs]
        self.outputs = [self._buffer(k, n, "output", k) for k, n in graph.outputs.items()]
        self.buffer_of.update(zip(graph.inputs, self.inputs, strict=True))
        self.sources = Sources(graph.nodes)
        kept = [self.sources.stored(n) for n in graph.roots]
        self.partition = Partition(graph.nodes, kept, self.sources, fuse=fuse)
        self.targets: dict[Node, list[Buffer]] = {}
        self.copies: list[tuple[Node, Buffer]] = []
        self._place_outputs()
        self._place_temporaries()

    def _buffer(self, wish: str, node: Node, role: Role, label: str = "") -> Buffer:
        """Make a buffer for a node."""
        return Buffer(self.names.new(wish), node.dtype, node.shape, role, label)

    def _place_outputs(self) -> None:
        """Let a kernel write straight into an output; copy what no kernel makes."""
        for node, buffer in zip(self.graph.outputs.values(), self.outputs, strict=True):
            source = self.sources.same_memory(node)
            if is_compute(source) and source not in self.buffer_of:
                self.buffer_of[source] = buffer
            else:
                self.copies.append((node, buffer))

    def _place_temporaries(self) -> None:
        """Give a buffer to what other kernels read."""
        for node in self.partition.compute:
            group = self.partition.group[node]
            if group.inlined or node in self.buffer_of:
                continue
            if self.partition.recomputed(node, self.buffer_of):
                continue
            if any(self._reads_elsewhere(user, group) for user in self.partition.users[node]):
                self.buffer_of[node] = self.temporary(node)
        for view in self.sources.copies:
            self.buffer_of[view] = self.temporary(view)
        for node in (self.sources.stored(n) for n, _ in self.copies):
            if is_compute(node) and node not in self.buffer_of:
                self.buffer_of[node] = self.temporary(node)

    def _reads_elsewhere(self, user: Node, group: Group) -> bool:
        other = self.partition.group.get(user)
        if other is None:
            return True  # a view that is stored as a copy
        if other.inlined:
            return any(
                self._reads_elsewhere(u, group)
                for m in other.members
                for u in self.partition.users[m]
                if self.partition.group.get(u) is not other
            )
        return other is not group

    def temporary(self, node: Node) -> Buffer:
        """Make a buffer in the arena, named after what it holds."""
        origin = node.origins[0]
        place = origin.scope.rsplit("/", 1)[-1]
        start = "d_" if origin.rule else ""
        return self._buffer(f"{start}{place}_{node.op.name}", node, "temporary")

    def program(self) -> Program:
        """Build, order and place everything."""
        in_state = dict(self.graph.updates)
        while True:
            kernels = self._kernels(in_state)
            order = schedule(kernels, lambda b: buffer_bytes(b, self.module.maxima))
            unsafe = self._unsafe(kernels, in_state) if order is not None else set(in_state)
            if order is not None and not unsafe:
                break
            for state in unsafe:
                del in_state[state]  # these are written at the end, from a temporary
        kernels = [*order, *self._late_updates(in_state)]
        arena = plan(kernels, self.module.maxima)
        self.module.arena = max(self.module.arena, arena)
        used = dict.fromkeys(b for k in kernels for b in used_buffers(k))
        program = Program(
            self.module.entry_names.new(self.graph.name),
            self.graph.name,
            self.graph.dims,
            tuple(self.inputs),
            tuple(self.outputs),
            tuple(self.state),
            tuple(b for b in used if b.role == "constant"),
            tuple(b for b in used if b.role == "temporary"),
            tuple(kernels),
            tuple(index_checks(self.graph.nodes, self.buffer_of)),
            tuple(size_checks((*self.graph.inputs, *self.graph.nodes))),
        )
        self.module.programs.append(program)
        return program

    def _kernels(self, in_state: Mapping[Node, Node]) -> list[Kernel]:
        """Return the kernels, with updates written in place for these states."""
        self.targets = {}
        for state, value in self.graph.updates.items():
            if state in in_state and is_compute(value):
                self.targets.setdefault(value, []).append(self.buffer_of[state])
            elif value not in self.buffer_of and value is not state:
                self.buffer_of[value] = self.temporary(value)
                if not is_compute(value):
                    self.sources.copies[value] = None
        builder = Builder(Storage(self.sources, self.buffer_of, self.targets, self._kept_for_later))
        kernels: list[Kernel] = []
        self._names: dict[str, int] = {}
        for group in self.partition.groups:
            if group.anchor in self.sources.copies:
                kernels.append(self._copy_view(builder, group.members[0]))
            else:
                kernels += builder.kernels(group, self._kernel_name(group))
        kernels += [builder.copy(n, b, self._unique(f"copy_{b.name}")) for n, b in self.copies]
        return kernels

    def _copy_view(self, builder: Builder, view: Node) -> Kernel:
        buffer = self.buffer_of[view]
        kept = self.sources.copies.pop(view)
        held = self.buffer_of.pop(view)
        kernel = builder.copy(view, buffer, self._unique(f"copy_{buffer.name}"))
        self.sources.copies[view] = kept
        self.buffer_of[view] = held
        return kernel

    def _kept_for_later(self, node: Node) -> Buffer:
        buffer = self.temporary(node)
        self.buffer_of[node] = buffer
        return buffer

    def _kernel_name(self, group: Group) -> str:
        main = group.members[-1] if group.anchor is None else group.anchor
        origin = main.origins[0]
        place = origin.scope.rsplit("/", 1)[-1]
        start = "d_" if origin.rule else ""
        return self._unique(sanitise(f"{start}{place}_{main.op.name}"))

    def _unique(self, name: str) -> str:
        count = self._names.get(name, 0)
        self._names[name] = count + 1
        return f"{name}_{count + 1}" if count else name

    def _unsafe(self, kernels: Sequence[Kernel], in_state: Mapping[Node, Node]) -> set[Node]:
        """Return states whose kernel would still read an element that it has overwritten."""
        unsafe = {s for s, v in in_state.items() if not is_compute(v) and v is not s}
        states = {self.buffer_of[s]: s for s in in_state}
        for kernel in kernels:
            written = {s.access.buffer for s in kernel_stores(kernel)} & states.keys()
            read = {a.buffer for a in reads(kernel)} if written else set()
            unsafe |= {states[b] for b in written & read if not in_place(kernel, b, b)}
        return unsafe

    def _late_updates(self, in_state: Mapping[Node, Node]) -> list[Kernel]:
        """Return copies from temporaries to the states that could not be written in place."""
        builder = Builder(Storage(self.sources, self.buffer_of, {}, self._kept_for_later))
        late = [(s, v) for s, v in self.graph.updates.items() if s not in in_state and v is not s]
        return [
            builder.copy(v, self.buffer_of[s], self._unique(f"set_{self.buffer_of[s].name}"))
            for s, v in late
        ]


def require_expanded(graph: Graph) -> None:
    """Refuse a graph that still has composites: they have no kernels."""
    for node in graph.nodes:
        if node.op.kind == "composite":
            raise GraphError(f"{node!r} is not expanded", remedy="run the expand pass first")
