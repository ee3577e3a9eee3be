"""The version, in one place: packaging, generated file headers and cache keys read it here."""

__version__ = "0.1.0"
