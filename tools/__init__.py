"""Scripts that keep the project; no part of the package."""
