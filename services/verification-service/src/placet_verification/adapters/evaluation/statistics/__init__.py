"""The statistics of the checks as pure functions: arrays in, plain values or frozen dataclasses out.

They run inside the child and import NumPy and the metrics beside this package, nothing else of the service. A value that the data do
not define is None, never an exception and never a warning; functions that draw take a seed and give the same answer for it.
"""
