"""From graph to program to source: NumPy, C and diagrams."""
