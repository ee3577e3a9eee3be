"""From C source to a Python callable: compiler, compile cache, argument checks, binding."""
