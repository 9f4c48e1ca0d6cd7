"""The child process that runs one model on one data set. It trusts neither and imports nothing of the rest of the service.

`python -I -c …` (see `adapters.fork_server`) runs `__main__`, which forks a child for each trial: a request comes in on standard input,
the artifact and the data sets on open descriptors, and JSON goes out on standard output.
"""

import os

# ONNX Runtime's official builds (1.29 and later) report to their maker what they run, names and hashes of models among it,
# unless this is set before they are loaded. Models and data stay private.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
# pyarrow brings an allocator whose thread starts when it is loaded, and a second thread would stay outside Landlock; what it allocates
# comes from the system, whose refusal is an error that can be told.
os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
