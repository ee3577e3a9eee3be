"""Modules of trials that behave badly on purpose."""
