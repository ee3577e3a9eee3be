"""The NumPy target: programs as a module that imports only numpy."""
