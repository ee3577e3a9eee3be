"""What all tests share."""

import os

from hypothesis import settings

# Examples that depend on time or chance would fail on some machines only.
settings.register_profile("graphdl", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "graphdl"))

os.environ.setdefault("MPLBACKEND", "Agg")
