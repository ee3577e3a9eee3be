"""One class of planted bugs a file: its ``NAME``, and ``BUGS``."""
