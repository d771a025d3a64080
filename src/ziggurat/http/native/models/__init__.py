"""The wire models of the native API: TypedDicts that are read strictly or written from views, and nothing else."""
