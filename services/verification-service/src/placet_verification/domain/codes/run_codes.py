"""Why a run ended without a result: what happened, and what would help; events carry the code alone."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["RUN_REASONS"]

RUN_REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "not_onnx": ("The artifact is no ONNX file.", "Register the file that was exported."),
        "not_xgboost": (
            "The artifact is no XGBoost model in JSON or UBJ.",
            "Register what `Booster.save_model` writes to a file that ends in .json or .ubj.",
        ),
        "not_lightgbm": (
            "The artifact is no LightGBM model in text.",
            "Register what `Booster.save_model` writes, with line feeds alone at the ends of lines.",
        ),
        "not_skops": ("The artifact is no skops file.", "Register what `skops.io.dump` writes."),
        "type_not_allowed": (
            "The file has objects of types that are not allowed.",
            "See `facts.types`; read what they do, and name those that are harmless in the plan's `artifact.allow_types`.",
        ),
        "not_pickle": ("The artifact is no pickle, or more than one.", "Register what `pickle.dump` writes, alone in its file."),
        "pickle_not_allowed": (
            "A pickle is a program, and the plan does not allow one.",
            "Register the model as ONNX or skops; or set `artifact.allow_pickle` and list every import in `artifact.allow_globals`.",
        ),
        "pickle_malformed": (
            "The pickle has opcodes as no pickler of an estimator writes them.",
            "See `facts.opcode` and `facts.found`; dump the model again with `pickle.dump`, or treat it as hostile.",
        ),
        "global_not_allowed": (
            "The pickle imports what is not on the plan's list.",
            "See `facts.globals`; read what they do when they are called, and list those that are harmless in `artifact.allow_globals`.",
        ),
        "objective_not_supported": (
            "The model was trained for an objective whose output has no meaning here.",
            "See `facts.objective`; docs/verification.md lists those that are evaluated.",
        ),
        "part_not_supported": (
            "The model uses a part of its format that is not evaluated here.",
            "See `facts.part`; train the model without it, or export it as ONNX.",
        ),
        "tree_malformed": (
            "The model's trees contradict themselves, and its engine might read foreign memory or never end.",
            "Register the file as the library wrote it.",
        ),
        "artifact_too_large": ("The file is larger than the plan allows.", "Raise `artifact.max_bytes`, or register a smaller model."),
        "unsafe_domain": ("The model uses operators from outside the ONNX standard.", "Export it with standard operators only."),
        "unsafe_operator": (
            "The model has control flow, which can run for ever.",
            "Export it without, or name the operator in the plan's `artifact.allow_operators`.",
        ),
        "external_data": ("The model keeps data outside its file.", "Save it as one file."),
        "two_formats": (
            "The file is of its format and of another one too.",
            "See `facts.other`; register the file as the exporter wrote it.",
        ),
        "unknown_fields": (
            "The file has content that its format does not define.",
            "Register the file as the library wrote it; a newer release than the worker's may have written it.",
        ),
        "tensor_mismatch": ("A tensor's data are not what its dimensions say.", "See `facts.tensor`; export the model again."),
        "recursive_function": ("A function of the model calls itself.", "Export the model without it."),
        "metadata_too_large": ("The model has more documentation and metadata than any needs.", "Remove what is not computed with."),
        "too_many_nodes": ("The model has more nodes than the plan allows.", "Raise `artifact.max_nodes`."),
        "initializers_too_large": ("The model's weights are larger than the plan allows.", "Raise `artifact.max_initializer_bytes`."),
        "not_runnable": ("The engine can't load the model.", "See `facts.engine`; try the file with the format's own library."),
        "prediction_failed": ("The model failed on the data.", "See `facts.engine`; try the file with the format's own library."),
        "prediction_not_finite": ("The model predicts NaN or infinity.", "Look for the rows where it does."),
        "signature_mismatch": (
            "The model's inputs or outputs are not as the plan or its registration says.",
            "Compare `facts.expected` with `facts.found`.",
        ),
        "memory_limit": ("The model needs more memory than it may have.", "Raise `limits.memory_mib`, if the model really needs so much."),
        "timeout": ("The model did not finish in its time limit.", "Raise `limits.wall_clock_seconds`, if the model really needs so long."),
        "output_limit": ("The evaluation wrote more output than it may.", "See the worker's log."),
        "crashed": ("The evaluation process died.", "See the worker's log; a model that kills its engine is not to be trusted."),
        "forbidden_system_call": (
            "The evaluation process made a system call that only an attack makes, and was ended.",
            "Treat the model as hostile; see the worker's log.",
        ),
        "confinement_failed": (
            "The evaluation process could not be confined as the worker's machine offers.",
            "See `facts` and the worker's log: its kernel or container may refuse Landlock or seccomp.",
        ),
        "confinement_incomplete": (
            "A model of this format runs only where the kernel has Landlock and seccomp.",
            "Run a worker on such a machine, or export the model as ONNX.",
        ),
        "format_not_supported": ("Models of this format can't be evaluated here.", "Export the model as ONNX and register that."),
        "format_not_installed": (
            "The worker does not have the library that runs models of this format.",
            "See `facts.library`. Where the workers run, install `requirements/formats.txt` (`make formats`, or build their image with "
            "`--build-arg FORMATS=all`; LightGBM also needs libgomp of the system), and request another run.",
        ),
        "dataset_empty": ("The data set has no rows.", "Name another data set."),
        "column_missing": ("A column that the plan names is not in the data set.", "Compare `facts.column` with its first line."),
        "column_twice": ("A column stands in the data set twice.", "Give each column a name of its own."),
        "malformed_row": (
            "A row of the data set is not as the plan says.",
            "See `facts.row`, the line of a CSV file or the row of a Parquet file, and correct it.",
        ),
        "unknown_label": (
            "A label is none of the plan's classes.",
            "See `facts.row`, the line of a CSV file or the row of a Parquet file; `prediction.classes` are written as in the file.",
        ),
        "too_many_columns": ("The data set has more columns than can be read.", "Keep those that the plan names."),
        "column_type": (
            "A column has a type that can't be what the plan says.",
            "Compare `facts.expected` with `facts.found`; write the file with plain numbers, truth values or texts.",
        ),
        "not_parquet": ("The data set is no Parquet file.", "See `facts.engine`; or say `format: csv` in the plan's `dataset`."),
        "footer_too_large": ("The Parquet file describes more than can be read.", "Write it with fewer columns and larger row groups."),
        "dataset_too_large": (
            "The data set unpacks to more than the memory of the evaluation.",
            "Raise `limits.memory_mib`, or name a smaller data set.",
        ),
        "row_count_mismatch": ("The Parquet file has not as many rows as it says.", "Write it again."),
        "row_group_unreadable": ("A row group of the Parquet file can't be read.", "See `facts.engine`; write the file again."),
        "artifact_not_found": ("The registry has no bytes of the artifact.", "Upload it, and request another run."),
        "version_not_found": ("The registry does not know the version any more.", "Register it again, and request another run."),
        "check_not_installed": (
            "The plan asks for a check that the worker does not have.",
            "See `facts`; install the distribution that has it where the workers run, and request another run.",
        ),
        "champion_not_found": (
            "The registry has no bytes of the version that is deployed, with which the plan compares.",
            "Upload the artifact that is deployed, and request another run.",
        ),
        "dataset_not_found": ("The registry has no bytes of the data set.", "Upload it, and request another run."),
        "artifact_digest_mismatch": (
            "The bytes of the artifact are not those that the run is bound to.",
            "Have an operator check where the registry keeps its bytes; request another run.",
        ),
        "dataset_digest_mismatch": (
            "The bytes of the data set are not those that the run is bound to.",
            "Have an operator check where the registry keeps its bytes; request another run.",
        ),
        "champion_digest_mismatch": (
            "The bytes of the deployed version are not those that the run is bound to.",
            "Have an operator check where the registry keeps its bytes; request another run.",
        ),
        "worker_lost": ("Every worker that claimed this run stopped responding.", "See the workers' logs; the model may have killed them."),
        "unavailable": ("The run's inputs could not be fetched.", "See whether the registry is up, and request another run."),
        "cancelled": ("A person cancelled the run.", "Request another run."),
        "internal_error": ("The worker failed by an internal error.", "See the worker's log."),
    }
)
