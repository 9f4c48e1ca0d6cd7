"""What is imported before the first child is forked: everything that takes time, and what libraries import only on first use.

After the confinement no import succeeds. pyarrow is not among it: a child that reads a large file imports it (`dataset.prepare`).
"""

import pkgutil
from importlib import import_module

import numpy.fft
import numpy.linalg
import numpy.ma
import numpy.polynomial
import numpy.random

from placet_verification.adapters.evaluation import measures
from placet_verification.adapters.evaluation.model_formats import FORMATS

__all__ = ["numpy", "preload"]


def preload() -> None:
    """Import the measuring functions of all kinds of checks that come with Placet, and the engine of ONNX; other engines take seconds, and
    a child that needs one imports it."""
    import_module(FORMATS["onnx"].gate)
    import_module(FORMATS["onnx"].engine)
    for module in pkgutil.iter_modules(measures.__path__, f"{measures.__name__}."):
        import_module(module.name)
