"""The closed set of scalar instructions, one file a family; each fills the table."""

from __future__ import annotations

from graphdl.ir.instructions import arithmetic as arithmetic
from graphdl.ir.instructions import exponential as exponential
from graphdl.ir.instructions import gated as gated
from graphdl.ir.instructions import integers as integers
from graphdl.ir.instructions import logic as logic
from graphdl.ir.instructions import rounding as rounding
from graphdl.ir.instructions import special as special
from graphdl.ir.instructions import trigonometric as trigonometric
from graphdl.ir.instructions.table import INSTRUCTIONS as INSTRUCTIONS
from graphdl.ir.instructions.table import Instruction as Instruction
from graphdl.ir.instructions.table import result_dtype as result_dtype
