"""The C target: printer, vector runtime, toolchain."""
