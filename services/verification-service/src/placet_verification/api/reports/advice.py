"""What to look at where a check has not passed, by the reason that it gives."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["advice_for"]

_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "another_class": "Look at the test query: is the expectation still right?",
        "assertion_broken": "The record has the numbers of the first rows that break it; look at those.",
        "attestation_missing": "There is no statement about these bytes that a key of the plan has signed: ask those who test.",
        "attestation_too_old": "The tests were too long ago for the plan: let them run again, and upload what comes of it.",
        "column_is_constant": "The column has one value in these data: name another column, or other data.",
        "column_tells_the_target": "One column almost tells the truth: is it known at the time of the prediction?",
        "constant_target": "All rows have one label: use data in which every label occurs.",
        "contract_broken": "Each broken rule has a record with the first row; correct the data, or agree on another rule.",
        "decisions_changed": "See which corruption or group it is, and the critical rows: does such data occur in use?",
        "decisions_differ": "The model answers otherwise when it is asked again; look for random operators or a dependence on the batch.",
        "description_too_short": "Write what the model is for, and what it is not for.",
        "drifted": "The distribution that moved most is drawn first: is the reference still what the model will meet?",
        "drifting": "The distribution that moved most is drawn first; watch it, or renew the reference.",
        "evaluated_on_training_data": "The model has seen these rows: evaluate it on others.",
        "fixed_batch_size": "The model takes one number of rows at once, so it was not asked in other batches.",
        "gap_too_large": "See the rates by group: who is treated otherwise, and is there a reason that may count?",
        "group_too_small": "Collect more rows of the group, or ask for fewer by the plan.",
        "inconclusive": "The interval reaches over the threshold: more rows would tell, or decide with that doubt.",
        "measure_failed": "The check itself failed, not the model: see the worker's log.",
        "metric_dropped": "See the drop by corruption: does such data occur in use, and can it be caught before the model?",
        "metric_not_defined": "The metric has no value on changed rows, often because a class does not occur among them.",
        "near_threshold": "The value lies between the warning and the threshold: is the margin enough for the time until the next check?",
        "no_column_to_compare": "No column has the type for it: the check has nothing to do here.",
        "no_interval": "There is a value and no interval for it: more rows, or another metric, would tell whether it is chance.",
        "no_row_matches": "No row fulfils the condition: use data that have such rows.",
        "no_slice_is_large_enough": "Evaluate on more rows, or let the plan ask for smaller slices.",
        "not_better_than_dummy": "A rule of one line does as well: look at the labels and at the importance of columns.",
        "not_defined": "The metric has no value on these data, often because a class does not occur.",
        "not_probabilities": "The scores are not between 0 and 1: name the output that has probabilities.",
        "not_stated": "Register it with the version, or describe the model.",
        "nothing_deployed": "There is no deployed version to compare with: judge by the thresholds alone.",
        "one_class": "The training data have one class: is it the right file?",
        "one_column_decides": "One column has most of the importance: could it know the answer (leakage)?",
        "one_group": "All rows are of one group: name another column, or other data.",
        "out_of_range": "Look at the first rows outside of the range.",
        "overfit": "It is much better on its training data: ask for a simpler model or more data.",
        "queries_failed": "The table has each query with what was expected and what came.",
        "result_unreadable": "A trusted key has signed a predicate without a readable result: ask those who sign.",
        "rows_shared_with_training": "Remove the shared rows from the evaluation data, then verify again.",
        "scores_differ": "The model answers otherwise when it is asked again; look for random operators or a dependence on the batch.",
        "signature_missing": "Register the version with its signature.",
        "signatures_missing": "Too few of the plan's keys have signed it: ask the others.",
        "tag_missing": "Set the tag; those that begin with governance/ are set by admins.",
        "tag_value_not_allowed": "The tag has a value that the plan does not allow: is the value wrong, or the plan?",
        "target_shift": "Labels are distributed otherwise than in the training data: are the data those that the model will meet?",
        "test_missing": "No statement that decides names the test as passed: was it run?",
        "tests_failed": "Tests elsewhere failed for these bytes: ask those who ran them; what is mended has other bytes.",
        "tests_warned": "Tests elsewhere ended with warnings: read them before you sign.",
        "threshold_missed": "See by how much, and whether the interval reaches the threshold; the pictures of the check show where.",
        "too_few_groups_to_judge": "Only one group, or none, is large enough: collect more rows of the others.",
        "too_few_of_a_class": "Collect more rows of the rare class.",
        "too_few_rows": "Evaluate on more rows.",
        "too_few_rows_for_categories": "Many categories, few rows: evaluate on more of them.",
        "too_few_rows_match": "Too few rows fulfil the condition: use data that have more of them.",
        "too_large": "The artifact is larger than the plan allows: is all of it needed?",
        "too_many_groups": "The columns make more groups than can be judged: name fewer, or columns with fewer values.",
        "too_much_memory": "See the observed memory: a smaller model or a smaller batch needs less.",
        "too_slow": "See the observed durations: they are of the worker's machine, at the time of the run.",
        "weak_slice": "The slice is named: is it large or important enough to matter, and are there rows of it to train on?",
        "worse_than_champion": "The deployed version is better on the same rows: see its curves beside, then keep it or explain why not.",
        "worst_leaf_above_threshold": "The first leaf says by which columns the errors can be told; look at its rows.",
        "wrong_direction": "The record has the share of rows that went the wrong way: look at the partial dependence of the column.",
    }
)


def advice_for(reason_code: str | None) -> str | None:
    """One sentence, for reasons that we know."""
    return _ADVICE.get(reason_code) if reason_code else None
