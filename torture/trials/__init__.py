"""One trial a file; each has a ``TRIAL``."""
