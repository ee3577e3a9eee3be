"""Losses: how far predictions are from targets, one file each.

Every loss takes ``reduction="mean"`` (over all examples), ``"sum"`` or ``"none"``.
"""

from __future__ import annotations

from graphdl.losses.binary_cross_entropy import (
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
)
from graphdl.losses.softmax_cross_entropy import softmax_cross_entropy as softmax_cross_entropy
from graphdl.losses.squared_error import squared_error as squared_error

__all__ = ["binary_cross_entropy_with_logits", "softmax_cross_entropy", "squared_error"]
