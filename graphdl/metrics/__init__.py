"""Metrics: what is reported of predictions, as graphs; none of them has a derivative, r2 apart.

Labels are class numbers. Counts are int64 and add up over batches; rates are float32.
"""

from __future__ import annotations

from graphdl.ir.arguments import check_public
from graphdl.metrics.accuracy import accuracy as accuracy
from graphdl.metrics.accuracy import binary_accuracy as binary_accuracy
from graphdl.metrics.confusion_matrix import confusion_matrix as confusion_matrix
from graphdl.metrics.counts import Counts as Counts
from graphdl.metrics.counts import binary_counts as binary_counts
from graphdl.metrics.counts import class_counts as class_counts
from graphdl.metrics.r2 import r2 as r2
from graphdl.metrics.rates import f1 as f1
from graphdl.metrics.rates import precision as precision
from graphdl.metrics.rates import recall as recall
from graphdl.metrics.top_k_accuracy import top_k_accuracy as top_k_accuracy

__all__ = [
    "Counts",
    "accuracy",
    "binary_accuracy",
    "binary_counts",
    "class_counts",
    "confusion_matrix",
    "f1",
    "precision",
    "r2",
    "recall",
    "top_k_accuracy",
]

check_public(globals())
