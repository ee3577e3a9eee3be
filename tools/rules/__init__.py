"""The page of rules: every rewrite and every derivative rule, as math, with how it is established.

``python -m tools.rules`` writes ``docs/rules.md``. Nothing on it is typed by hand: a rule's math is
what it declares, its example is executed, verdicts come from the proofs that ``gd.verify`` and
``gd.verify_pass`` use, the behaviour of floats from the interpreter.
"""
