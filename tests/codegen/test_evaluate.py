"""The reference evaluator gives what plain NumPy gives."""

from __future__ import annotations

import numpy as np
import pytest

from graphdl.codegen.evaluate import evaluate_program
from graphdl.codegen.program import IndexCheck, Program
from graphdl.ir.errors import IndexRangeError
from graphdl.ir.leaves import input as input_node
from tests.codegen.hand_programs import EXAMPLES


@pytest.mark.parametrize("size", [0, 1, 5])
@pytest.mark.parametrize("name", EXAMPLES)
def test_it_computes_what_the_program_says(name: str, size: int) -> None:
    example = EXAMPLES[name]
    inputs = example.inputs(size)
    found = evaluate_program(example.program, inputs, {}, {"N": size})
    for label, wanted in example.expected(*inputs).items():
        assert found[label].shape == wanted.shape
        np.testing.assert_allclose(found[label], wanted, rtol=1e-5, atol=1e-6)


def test_a_bad_index_is_refused() -> None:
    given = EXAMPLES["gathering"].program
    check = IndexCheck(given.inputs[1], 8, input_node("ids", ("N",), "int32"))
    program = Program(
        given.name, given.label, given.dims, given.inputs, given.outputs, (), (), (),
        given.kernels, (check,),
    )  # fmt: skip
    with pytest.raises(IndexRangeError, match="ids"):
        evaluate_program(program, [np.zeros((8, 5)), [9]], {}, {"N": 1})
