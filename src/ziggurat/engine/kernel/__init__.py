"""The fast evaluator: edition 1 compiled with Numba over flat arrays, one pass per member."""
