"""The order of elements along an axis as a stable argsort."""

from __future__ import annotations

from collections.abc import Mapping

from graphdl.codegen.numpy.loops import MakeTranslator, loop_order
from graphdl.codegen.numpy.operations import Operation, Region, Use
from graphdl.codegen.numpy.running import along
from graphdl.codegen.program import OrderKernel
from graphdl.ir.dims import Size


class OrderTranslation:
    """Turns an order kernel into operations."""

    def __init__(
        self, kernel: OrderKernel, make: MakeTranslator, maxima: Mapping[str, int]
    ) -> None:
        self.kernel = kernel
        self.sizes: dict[str, Size] = {a.name: a.size for a in (*kernel.axes, kernel.axis)}
        self.order = loop_order(list(self.sizes), [s.access for s in kernel.stores], maxima)
        self.translator = make(self.sizes, self.order)

    def regions(self) -> list[Region]:
        """Return the kernel's operations."""
        t, kernel = self.translator, self.kernel
        t.enter(self.order)
        t.compute([kernel.value])
        use = t.use(along(t, t.array(kernel.value), kernel.axis.name))
        axis = use.form.index(kernel.axis.name) - len(use.form)
        last = t.views.size(kernel.axis.size - 1)
        backward = f"[..., ::-1{', :' * (-axis - 1)}]"

        def render(args: list[str], out: str) -> list[str]:
            turned = args[0] + backward if kernel.descending else args[0]
            places = f'np.argsort({turned}, axis={axis}, kind="stable")'
            if kernel.descending:
                return [f"np.subtract({last}, {places}{backward}, out={out})"]
            return [f"np.copyto({out}, {places})"]

        out = t.register(kernel.result.dtype, tuple(self.order))
        t.results[kernel.result] = t.emit(Operation(render, [use], Use(out, out.form)))
        t.compute([s.value for s in kernel.stores])
        t.store(kernel.stores)
        return [Region(t.operations)]

    def block_rows(self, axis: str) -> int:
        """Return how many steps make a block: sorting knows no blocks."""
        raise NotImplementedError(axis)
