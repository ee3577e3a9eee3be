"""The pictures and the math of every op: nothing is left unsaid, and nothing is cut."""

import re

import pytest

from graphdl.codegen.diagram.boxes import make_picture
from graphdl.codegen.diagram.chain import walk
from graphdl.ir.kinds import ElementwiseOp
from graphdl.passes.partials import partials
from tools.reference.samples import samples

GRAPHS = {n: g for n, s in samples().items() if (g := s.backward()) is not None}
each_op = pytest.mark.parametrize("name", GRAPHS)


@each_op
@pytest.mark.parametrize("depth", [0, 1])
def test_every_adjoint_has_math(name, depth):
    for box in make_picture(GRAPHS[name], depth).boxes:
        if box.side == "adjoint":
            assert re.search(r" \+?= |^⊕ ", box.lines[0]), box.lines


@each_op
def test_no_label_is_cut(name):
    picture = make_picture(GRAPHS[name])
    assert not [n for b in picture.boxes for n in b.lines if n.endswith("…")]


@each_op
def test_no_step_of_the_chain_rule_is_lost(name):
    """What left no node of its own passed the adjoint on as it is: its derivative is 1."""
    chain = walk(GRAPHS[name])
    for passage in chain.passages:
        node = passage.node
        for contribution in passage.contributions:
            if (node, contribution.operand) in chain.opened.ruled:
                continue
            if isinstance(node.op, ElementwiseOp):
                partial = partials(node.op, node.attrs)[contribution.operand]
                assert partial is not None
                assert partial.payload == 1
            assert node.shape == contribution.target.shape
