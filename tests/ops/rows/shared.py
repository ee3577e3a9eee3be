"""What files of rows share."""

from tests.ops.cases import Array, Case

A234 = Array((2, 3, 4))
A34 = Array((3, 4))
N3 = Array(("N", 3))


def row(function, label, call, inputs, reference, **more):
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    return Case(function, label, call, given, reference, **more)
