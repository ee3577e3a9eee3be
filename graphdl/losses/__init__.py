"""Losses: how far predictions are from targets, one file each.

Every loss takes ``reduction`` and ``weights``. A loss has one value l an example (or an element),
n of them, and weights w multiply these:

======== =============================================================================
``mean`` Σ w·l / n, the default. It divides by the number of values, whatever the
         weights are, as ``sum_over_batch_size`` in Keras. Over nothing it is NaN.
``sum``  Σ w·l
``none`` w·l
======== =============================================================================

Weights have the values' leading axes, of the same size or 1: ``(N,)`` weighs the rows of
``(N, 3)``. For their weighted mean divide a ``sum`` by ``gd.sum(weights)``. Class weights are
another thing: they weigh labels, and the mean divides by their sum, as in PyTorch; see
:func:`softmax_cross_entropy`.

Predictions and targets must have one shape: they never broadcast.
"""

from __future__ import annotations

from graphdl.ir.arguments import check_public
from graphdl.losses.absolute_error import absolute_error as absolute_error
from graphdl.losses.binary_cross_entropy import binary_cross_entropy as binary_cross_entropy
from graphdl.losses.binary_cross_entropy_with_logits import (
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
)
from graphdl.losses.contrastive import contrastive as contrastive
from graphdl.losses.cosine import cosine_embedding as cosine_embedding
from graphdl.losses.cosine import cosine_similarity as cosine_similarity
from graphdl.losses.focal import focal as focal
from graphdl.losses.gaussian_nll import gaussian_nll as gaussian_nll
from graphdl.losses.hinge import hinge as hinge
from graphdl.losses.hinge import squared_hinge as squared_hinge
from graphdl.losses.huber import huber as huber
from graphdl.losses.kl_divergence import kl_divergence as kl_divergence
from graphdl.losses.log_cosh import log_cosh as log_cosh
from graphdl.losses.multiclass_hinge import multiclass_hinge as multiclass_hinge
from graphdl.losses.nll import nll as nll
from graphdl.losses.poisson_nll import poisson_nll as poisson_nll
from graphdl.losses.softmax_cross_entropy import softmax_cross_entropy as softmax_cross_entropy
from graphdl.losses.squared_error import squared_error as squared_error
from graphdl.losses.triplet_margin import triplet_margin as triplet_margin

__all__ = [
    "absolute_error",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "contrastive",
    "cosine_embedding",
    "cosine_similarity",
    "focal",
    "gaussian_nll",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "multiclass_hinge",
    "nll",
    "poisson_nll",
    "softmax_cross_entropy",
    "squared_error",
    "squared_hinge",
    "triplet_margin",
]

check_public(globals())
