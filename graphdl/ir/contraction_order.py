"""In which order to contract many operands: the order decides what an einsum costs.

Labels are bits of an int, an operand the set of its labels. No label stands in one operand alone
unless it is kept: whoever asks has summed over those before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

EXACT = 10
"""Most operands for which all orders are weighed; beyond that the best next pair is taken."""

Order = list[tuple[int, int]]
"""Pairs to contract; operands count from 0, results go on from there."""


def contraction_order(operands: Sequence[int], kept: int, sizes: Sequence[int]) -> Order:
    """Return the order with the fewest multiplications.

    Parameters
    ----------
    operands : sequence of int
        Labels of each operand.
    kept : int
        Labels of the result.
    sizes : sequence of int
        Size of each label, by bit.

    Returns
    -------
    list of (int, int)
        Exact up to ten operands (dynamic programming over subsets), greedy beyond.

    Examples
    --------
    ``ij,jk,kl->il`` with sizes 50, 2, 50 and 2: the last two first.

    >>> contraction_order([0b0011, 0b0110, 0b1100], 0b1001, [50, 2, 50, 2])
    [(1, 2), (0, 3)]
    """

    @cache
    def volume(labels: int) -> int:
        return math.prod(s for bit, s in enumerate(sizes) if labels >> bit & 1)

    search = _exact if len(operands) <= EXACT else _greedy
    return search(operands, kept, volume)


def _exact(operands: Sequence[int], kept: int, volume: Callable[[int], int]) -> Order:
    """Find the cheapest split of every subset from those of its parts."""
    everything = (1 << len(operands)) - 1
    union = [0] * (everything + 1)
    for subset in range(1, everything + 1):
        lowest = subset & -subset
        union[subset] = union[subset ^ lowest] | operands[lowest.bit_length() - 1]
    labels = [u & (kept | union[everything ^ s]) for s, u in enumerate(union)]
    cost = [0] * (everything + 1)
    split = [0] * (everything + 1)
    for subset in range(1, everything + 1):
        part = (subset - 1) & subset
        while part > subset ^ part:  # each pair of parts once; a single operand has none
            rest = subset ^ part
            found = cost[part] + cost[rest] + volume(labels[part] | labels[rest])
            if not split[subset] or found < cost[subset]:
                cost[subset], split[subset] = found, part
            part = (part - 1) & subset
    return _pairs(split, len(operands))


def _pairs(split: Sequence[int], count: int) -> Order:
    """List the splits, parts before what they make up; the earlier operand stands left."""
    order: Order = []

    def number(subset: int) -> int:
        if not split[subset]:
            return subset.bit_length() - 1
        parts = split[subset], subset ^ split[subset]
        left, right = sorted(parts, key=lambda part: part & -part)
        order.append((number(left), number(right)))
        return count + len(order) - 1

    number((1 << count) - 1)
    return order


def _greedy(operands: Sequence[int], kept: int, volume: Callable[[int], int]) -> Order:
    """Take, again and again, the pair whose result saves the most memory."""
    order: Order = []
    live = dict(enumerate(operands))
    while len(live) > 1:
        once = twice = more = 0
        for labels in live.values():
            more |= twice & labels
            twice |= once & labels
            once |= labels
        gone = twice & ~more & ~kept  # nobody but the two that share them needs these

        def rank(pair: tuple[int, int], gone: int = gone) -> tuple[int, int, tuple[int, int]]:
            a, b = live[pair[0]], live[pair[1]]
            result = (a | b) & ~(a & b & gone)
            return volume(result) - volume(a) - volume(b), volume(a | b), pair

        i, j = min(((i, j) for i in live for j in live if i < j), key=rank)
        a, b = live.pop(i), live.pop(j)
        live[len(operands) + len(order)] = (a | b) & ~(a & b & gone)
        order.append((i, j))
    return order
