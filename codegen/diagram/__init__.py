"""Graphs as pictures and as math: names, boxes, layout, DOT text, renderers."""
