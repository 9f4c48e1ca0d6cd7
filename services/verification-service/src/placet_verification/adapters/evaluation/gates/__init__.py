"""Static gates: what a file must be before anything of it is loaded, one module a format. None imports the library that loads it."""
