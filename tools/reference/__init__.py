"""The reference: one generated page an op, in ``docs/ops``.

``python -m tools.reference`` writes what has changed. Nothing in a page is typed by hand: words and
examples come from docstrings, formulas and derivatives from the scalar expressions and the rules
that are executed, tables from the interpreter, pictures from ``gd.draw``.
"""
