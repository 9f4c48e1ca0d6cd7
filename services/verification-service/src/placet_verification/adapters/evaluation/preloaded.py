"""Modules that libraries import only when they are first used: after the confinement no import succeeds."""

import numpy.fft
import numpy.linalg
import numpy.ma
import numpy.polynomial
import numpy.random

__all__ = ["numpy"]
