"""The yardstick of verification: ONNX Runtime as it comes and scikit-learn's metrics, in a script as a user would write it.

Run as a module it takes a model, a Parquet file, and whether metrics are wanted; it prints seconds and peak memory as JSON.
"""

import json
import resource
import sys
import time


def main() -> None:
    """Read, predict, measure."""
    import numpy as np
    import onnxruntime
    import pyarrow.parquet as pq
    from sklearn import metrics

    from bench.many_rows import COLUMNS

    model, data, wanted = sys.argv[1:]
    table = pq.read_table(data)
    features = np.column_stack([table[name].to_numpy() for name in COLUMNS])
    labels = table["y"].to_numpy()
    session = onnxruntime.InferenceSession(model)
    began = time.perf_counter()
    _, probabilities = session.run(None, {"X": features})
    inference = time.perf_counter() - began
    if wanted == "metrics":
        scores = probabilities[:, 1]
        metrics.roc_auc_score(labels, scores)
        metrics.log_loss(labels, scores)
        metrics.brier_score_loss(labels, scores)
        metrics.accuracy_score(labels, scores >= 0.5)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"inference_seconds": inference, "peak_memory_bytes": peak}))


if __name__ == "__main__":
    main()
