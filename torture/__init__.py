"""Long trials: everything that must never go wrong, tried until it should have gone wrong.

``python -m torture`` runs what is left of all trials; they are seeded and resumable.
"""
