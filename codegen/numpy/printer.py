"""Operations as text: every array gets an expression, every register a place in scratch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from graphdl.codegen.numpy.allocate import place
from graphdl.codegen.numpy.contract import ContractTranslation
from graphdl.codegen.numpy.loops import LoopTranslation
from graphdl.codegen.numpy.memory import Sharing, aligned, offsets
from graphdl.codegen.numpy.operations import Array, Groups, Operation, Region, Use
from graphdl.codegen.numpy.order import OrderTranslation
from graphdl.codegen.numpy.slots import Slot
from graphdl.codegen.numpy.text import (
    Names,
    comment_lines,
    dtype_text,
    indent,
    quoted,
    suffix,
    tuple_text,
    word,
    wrapped,
)
from graphdl.codegen.numpy.translate import Translator
from graphdl.codegen.numpy.views import Form, Views, is_matrix, loops, reformed
from graphdl.codegen.program import (
    Buffer,
    Kernel,
    LoopKernel,
    OrderKernel,
    Program,
    used_buffers,
)
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dims import Size, product


class ProgramPrinter:
    """Prints the kernels of one program.

    Attributes
    ----------
    setup : list of str
        Statements done once for each combination of dims: views of memory that stays.
    body : list of str
        Statements of every call.
    arena : int
        Bytes of memory that both need.
    """

    def __init__(
        self,
        program: Program,
        maxima: Mapping[str, int],
        dims: Mapping[str, str],
        names: Names,
        constants: Mapping[Buffer, str],
    ) -> None:
        self.program, self.maxima, self.names = program, maxima, names
        self.views = Views(dims)
        self.setup: list[str] = []
        self.body: list[str] = []
        self.texts = dict(constants)
        for buffer in (*program.inputs, *program.outputs):
            self.texts[buffer] = names.take(buffer.label or buffer.name)
        self.per_call = set(program.inputs) | set(program.outputs)
        self.offsets, self.arena = offsets(program.temporaries, maxima)
        self._scratch_start = self.arena
        self._hoisted: dict[str, str] = {}
        self._slots: dict[Slot, str] = {}
        self._sizes: Mapping[str, Size] = {}
        self._axis = ""
        self._rows = 0
        self._blocks: dict[str, str] = {}
        self._block_names: dict[str, str] = {}
        self._slot_of: dict[Array, Slot] = {}
        for kernel in program.kernels:
            self._kernel(kernel)

    def hoist(self, text: str, wish: str) -> str:
        """Return the variable that holds an expression of setup."""
        if text not in self._hoisted:
            self._hoisted[text] = self.names.take(wish)
            self.setup.append(f"{self._hoisted[text]} = {text}")
        return self._hoisted[text]

    def _kernel(self, kernel: Kernel) -> None:
        sharing = Sharing(used_buffers(kernel), self.offsets)

        def make(sizes: Mapping[str, Size], order: Sequence[str]) -> Translator:
            return Translator(self.views, sizes, order, self.hoist, sharing, self.maxima)

        translation: LoopTranslation | ContractTranslation | OrderTranslation
        if isinstance(kernel, LoopKernel):
            translation = LoopTranslation(kernel, make, self.maxima)
        elif isinstance(kernel, OrderKernel):
            translation = OrderTranslation(kernel, make, self.maxima)
        else:
            translation = ContractTranslation(kernel, make, self.maxima)
        self._sizes = translation.sizes
        regions = translation.regions()
        slots = place(regions, sharing, self._fits)
        self._axis = next((r.axis for r in regions if r.axis), "")
        if self._axis:
            self._rows = translation.block_rows(self._axis)
        self._place_scratch(dict.fromkeys(slots.values()))
        self._slot_of = slots
        start = len(self.body)
        for region in regions:
            self._region(region)
        self.body[start:start] = ["", *comment_lines(self._renamed(kernel))]

    def _renamed(self, kernel: Kernel) -> str:
        """Return a kernel's comment with the names that variables have here."""
        texts = {b.name: self.texts.get(b, b.name) for b in used_buffers(kernel)}
        return re.sub(r"\w+", lambda m: texts.get(m[0], m[0]), kernel.comment)

    def _fits(self, operation: Operation, target: Array) -> bool:
        groups = operation.out.groups
        assert target.access is not None
        if operation.needs_dense and not self._is_dense(target):
            return False
        if groups is None:
            return True
        return is_matrix(target.access, groups[-2], groups[-1], self._sizes)

    def _is_dense(self, array: Array) -> bool:
        """Whether an array's elements follow each other in the order of its loops."""
        access = array.access if array.place is None else array.place.access
        if access is None:
            return True
        strides, _ = access.strides()
        step: Size = 1
        for name in reversed(loops(array.form)):
            if strides.get(name, 0) != step:
                return False
            step = step * self._sizes[name]
        return True

    def _place_scratch(self, slots: Iterable[Slot]) -> None:
        """Lay out a kernel's registers behind the temporaries."""
        offset = self._scratch_start
        for slot in slots:
            if slot.view is not None:
                continue
            shape = [self._extent(n, slot) for n in slot.form]
            text = tuple_text([self.views.size(s) for s in shape])
            expression = f"np.ndarray({text}, {dtype_text(slot.dtype)}, memory, {offset})"
            self._slots[slot] = self.hoist(expression, "t" if slot.dtype.is_float else "mask"
                                           if slot.dtype.name == "bool" else "k")  # fmt: skip
            offset += aligned(upper_bound(product(shape), self.maxima) * slot.dtype.itemsize)
        self.arena = max(self.arena, offset)

    def _extent(self, name: str | None, slot: Slot) -> Size:
        """Return the size of one axis of a register."""
        if name is None:
            return 1
        return self._rows if name == self._axis and not slot.whole else self._sizes[name]

    def _region(self, region: Region) -> None:
        self._axis, axis = region.axis, self._axis
        lines: list[str] = []
        self._blocks = {}
        for operation in region.operations:
            args = [self._use(u) for u in operation.args]
            render = operation.render
            if operation.dense is not None and self._is_dense(operation.out.array):
                render = operation.dense
            rendered = render(args, self._use(operation.out))
            lines += [part for line in rendered for part in wrapped(line, 8 if region.axis else 4)]
        if region.axis:
            count = self.views.size(self._sizes[region.axis])
            cuts = [f"{name} = {text}" for text, name in self._blocks.items()]
            self.body.append(f"for start in range(0, {count}, {self._rows}):")
            stop = f"stop = start + {self._rows}"
            if not self._whole_blocks():
                stop = f"stop = min(start + {self._rows}, {count})"
            self.body += indent([stop, *cuts, *lines])
        else:
            self.body += lines
        self._axis = axis

    def _use(self, use: Use) -> str:
        if use.array.literal:
            return use.array.text
        if use.groups is not None:
            return self._matrices(use.array, use.groups)
        text = self._whole(use.array, use.form)
        if use.bits:
            bits = f"{text}.view(np.int{8 * use.array.dtype.itemsize})"
            text = self._kept(bits, text, use.array.buffer)
        if self._axis and self._axis in use.form:
            return self._block(text, use.array)
        return text

    def _block(self, text: str, array: Array) -> str:
        """Return the variable that holds the current block of an array."""
        scratch = array.is_register and array.place is None and not array.whole
        if scratch and self._whole_blocks():
            return text
        cut = f"{text}[: stop - start]" if scratch else f"{text}[start:stop]"
        if cut not in self._block_names:
            self._block_names[cut] = self.names.take(f"{word(text)}_block")
        self._blocks[cut] = self._block_names[cut]
        return self._blocks[cut]

    def _whole_blocks(self) -> bool:
        """Whether the last block is as long as the others."""
        count = self._sizes[self._axis]
        return isinstance(count, int) and count % self._rows == 0

    def _whole(self, array: Array, form: Form) -> str:
        """Return an array in a form, all blocks of it."""
        access = array.access if array.place is None else array.place.access
        if access is not None:
            base = self._buffer(access.buffer)
            text = self.views.view(base, access, form, self._sizes)
            return self._kept(text, base, access.buffer)
        if array.is_register:
            base = self._slots[self._slot_of[array]]
        else:
            base = array.text
        return self._kept(reformed(base, array.form, form), base, None)

    def _matrices(self, array: Array, groups: Groups) -> str:
        """Return an array as a stack of matrices."""
        names = [n for g in groups for n in g]
        form = tuple(n for g in groups for n in (g or (None,)))
        access = array.access if array.place is None else array.place.access
        turned = False
        if access is not None:
            base = self._buffer(access.buffer)
            text = self.views.view(base, access, form, self._sizes)
        else:
            base = self._slots[self._slot_of[array]]
            turned = loops(array.form) != names
            if turned:
                groups = [*groups[:-2], groups[-1], groups[-2]]
                form = tuple(n for g in groups for n in (g or (None,)))
            text = reformed(base, array.form, form)
        if any(len(g) > 1 for g in groups):
            sizes = [self.views.size(product(self._sizes[n] for n in g)) for g in groups]
            text = f"{base if access is None else text}.reshape({tuple_text(sizes)})"
        if turned:
            text += ".T" if len(groups) == 2 else ".swapaxes(-1, -2)"
        return self._kept(text, base, access.buffer if access is not None else None)

    def _kept(self, text: str, base: str, buffer: Buffer | None) -> str:
        """Make a view once a plan if its memory stays."""
        if text == base or buffer in self.per_call:
            return text
        return self.hoist(text, f"{word(base)}_{suffix(text)}")

    def _buffer(self, buffer: Buffer) -> str:
        if buffer not in self.texts:
            if buffer.role == "state":
                expression = f"state[{quoted(buffer.label)}]"
            else:
                shape, offset = self.views.shape(buffer.shape), self.offsets[buffer][0]
                expression = f"np.ndarray({shape}, {dtype_text(buffer.dtype)}, memory, {offset})"
            self.texts[buffer] = self.names.take(buffer.name)
            self.setup.append(f"{self.texts[buffer]} = {expression}")
        return self.texts[buffer]
