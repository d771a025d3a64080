"""The native API under /v1: a file for each family of operations, each operation a thin door to its use case."""
