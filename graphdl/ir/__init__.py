"""The intermediate representation: dims, dtypes, scalar expressions, nodes, graphs, kinds."""
