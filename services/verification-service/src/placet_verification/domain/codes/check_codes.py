"""What a check's reason means, and what to look at where the check has not passed."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CHECK_REASONS"]

CHECK_REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "another_class": (
            "A test query was answered with another class than the plan expects.",
            "Look at the test query: is the expectation still right?",
        ),
        "assertion_broken": (
            "Rows break an assertion of the plan.",
            "The record has the numbers of the first rows that break it; look at those.",
        ),
        "attestation_missing": (
            "The plan asks for a signed statement about these bytes, and there is none by a key that it trusts.",
            "There is no statement about these bytes that a key of the plan has signed: ask those who test.",
        ),
        "attestation_too_old": (
            "The statement about tests elsewhere is older than the plan accepts.",
            "The tests were too long ago for the plan: let them run again, and upload what comes of it.",
        ),
        "categories_broken": (
            "A column has values that are none of the categories that the contract lists.",
            "See the first row in the record; correct the data, or add the category to the contract.",
        ),
        "column_is_constant": (
            "The column has one value in these data, so that changing it shows nothing.",
            "The column has one value in these data: name another column, or other data.",
        ),
        "column_tells_the_target": (
            "One column alone predicts the target almost perfectly.",
            "One column almost tells the truth: is it known at the time of the prediction?",
        ),
        "constant_labels": ("All labels are the same, so that the metric has no value.", "Use data in which the labels differ."),
        "constant_target": ("All rows have one label.", "All rows have one label: use data in which every label occurs."),
        "contract_broken": (
            "The data break one or several rules of the plan's data contract.",
            "Each broken rule has a record with the first row; correct the data, or agree on another rule.",
        ),
        "decisions_changed": (
            "The model decides otherwise on more rows than the plan allows when inputs are changed that should not matter.",
            "See which corruption or group it is, and the critical rows: does such data occur in use?",
        ),
        "decisions_differ": (
            "Asked a second time, or in other batches, the model decided otherwise on the same rows.",
            "The model answers otherwise when it is asked again; look for random operators or a dependence on the batch.",
        ),
        "description_too_short": (
            "The description is shorter than the plan asks for.",
            "Write what the model is for, and what it is not for.",
        ),
        "drifted": (
            "The data are distributed otherwise than the reference, by more than the plan's limit.",
            "The distribution that moved most is drawn first: is the reference still what the model will meet?",
        ),
        "drifting": (
            "The data are distributed otherwise than the reference, by more than the plan's warning.",
            "The distribution that moved most is drawn first; watch it, or renew the reference.",
        ),
        "evaluated_on_training_data": (
            "The data set of the evaluation is one that the model's lineage names as training data.",
            "The model has seen these rows: evaluate it on others.",
        ),
        "fixed_batch_size": (
            "The model takes one fixed number of rows.",
            "The model takes one number of rows at once, so it was not asked in other batches.",
        ),
        "gap_too_large": (
            "A rate differs between groups by more than the plan allows.",
            "See the rates by group: who is treated otherwise, and is there a reason that may count?",
        ),
        "group_too_small": (
            "A group has fewer rows than the plan judges.",
            "Collect more rows of the group, or ask for fewer by the plan.",
        ),
        "inconclusive": (
            "The confidence interval reaches over the threshold: the data do not tell whether it is met.",
            "The interval reaches over the threshold: more rows would tell, or decide with that doubt.",
        ),
        "label_near_zero": (
            "Labels lie so near to zero that a relative error has no meaning.",
            "Use a metric of absolute errors, or data without such labels.",
        ),
        "many_conflicting_labels": (
            "Rows with the same inputs have different labels, more than the plan's limit.",
            "Look at the first such row: is the label noisy, or is an input missing that tells the rows apart?",
        ),
        "many_duplicates": (
            "The same row stands in the data more than once, more than the plan's limit.",
            "Remove what stands twice, or raise the limit if such rows occur in use.",
        ),
        "maximum_broken": (
            "A column has values above the contract's maximum.",
            "See the first row in the record; correct the data, or raise `maximum`.",
        ),
        "measure_failed": ("The check itself failed while it measured.", "The check itself failed, not the model: see the worker's log."),
        "metric_dropped": (
            "On corrupted or shifted rows the metric is worse by more than the plan allows.",
            "See the drop by corruption: does such data occur in use, and can it be caught before the model?",
        ),
        "metric_not_defined": (
            "The metric has no value on the changed rows.",
            "The metric has no value on changed rows, often because a class does not occur among them.",
        ),
        "minimum_broken": (
            "A column has values below the contract's minimum.",
            "See the first row in the record; correct the data, or lower `minimum`.",
        ),
        "near_threshold": (
            "The value meets the threshold and lies beyond the plan's warning.",
            "The value lies between the warning and the threshold: is the margin enough for the time until the next check?",
        ),
        "no_column_to_compare": (
            "No column can be compared with the reference.",
            "No column has the type for it: the check has nothing to do here.",
        ),
        "no_column_to_corrupt": (
            "No column has the type that this corruption changes.",
            "The corruption has nothing to do here: leave it out.",
        ),
        "no_column_to_explain": (
            "The model has no column that an explanation could be about.",
            "The check has nothing to do here: leave it out.",
        ),
        "no_group_named": (
            "The shift is by group, and the plan names no column that makes groups.",
            "Name a column under `groups`, or leave the shift out.",
        ),
        "no_interval": (
            "There is a value, and no confidence interval can be given for it.",
            "There is a value and no interval for it: more rows, or another metric, would tell whether it is chance.",
        ),
        "no_known_value": (
            "The column has no value that is known, so that nothing can be drawn over it.",
            "Name another column, or data in which it has values.",
        ),
        "no_row_matches": ("No row fulfils the condition of the assertion.", "No row fulfils the condition: use data that have such rows."),
        "no_slice_is_large_enough": (
            "No slice of the data has as many rows as the plan judges.",
            "Evaluate on more rows, or let the plan ask for smaller slices.",
        ),
        "not_better_than_dummy": (
            "The model is not better than a rule that ignores the inputs.",
            "A rule of one line does as well: look at the labels and at the importance of columns.",
        ),
        "not_defined": (
            "The metric has no value on these data.",
            "The metric has no value on these data, often because a class does not occur.",
        ),
        "not_probabilities": (
            "The model's scores are not between 0 and 1, and the check needs probabilities.",
            "The scores are not between 0 and 1: name the output that has probabilities.",
        ),
        "not_stated": ("The registration does not state what the plan asks for.", "Register it with the version, or describe the model."),
        "nothing_deployed": (
            "The check compares with the deployed version, and none is deployed.",
            "There is no deployed version to compare with: judge by the thresholds alone.",
        ),
        "nothing_to_shift": (
            "No shift of the data could be made from the groups that there are.",
            "Use data with larger groups, or leave the shift out.",
        ),
        "nulls_broken": (
            "A column has more missing values than the contract allows.",
            "See the first row in the record; fill the values in, or raise `nulls`.",
        ),
        "one_class": ("The training data have one class alone.", "The training data have one class: is it the right file?"),
        "one_column_decides": (
            "One column has more of the importance than the plan allows.",
            "One column has most of the importance: could it know the answer (leakage)?",
        ),
        "one_group": (
            "All rows are of one group, so there is nothing to compare.",
            "All rows are of one group: name another column, or other data.",
        ),
        "out_of_range": (
            "The prediction for a test query lies outside of the range that the plan expects.",
            "Look at the first rows outside of the range.",
        ),
        "overfit": (
            "The model is better on its training data than on the evaluation data by more than the plan allows.",
            "It is much better on its training data: ask for a simpler model or more data.",
        ),
        "queries_failed": (
            "Fewer test queries were answered as expected than the plan asks for.",
            "The table has each query with what was expected and what came.",
        ),
        "rare_class": (
            "The smallest class has a smaller share of the rows than the plan asks for.",
            "Collect more rows of the class, or ask for a smaller share.",
        ),
        "result_unreadable": (
            "A signed statement about tests has no result that can be read.",
            "A trusted key has signed a predicate without a readable result: ask those who sign.",
        ),
        "row_not_in_data": (
            "The plan names a row to explain that the data do not have.",
            "Name a row that the data have; rows are counted from 1.",
        ),
        "rows_shared_with_training": (
            "Rows of the evaluation data are in the training data too.",
            "Remove the shared rows from the evaluation data, then verify again.",
        ),
        "scores_differ": (
            "Asked a second time, or in other batches, the model gave other scores for the same rows.",
            "The model answers otherwise when it is asked again; look for random operators or a dependence on the batch.",
        ),
        "signature_missing": (
            "The version was registered without a signature (the names and types of inputs and outputs).",
            "Register the version with its signature.",
        ),
        "signatures_missing": (
            "Fewer keys of the plan have signed the statement than it asks for.",
            "Too few of the plan's keys have signed it: ask the others.",
        ),
        "single_class": ("All rows are of one class, so that the metric has no value.", "Use data in which both classes occur."),
        "tag_missing": ("A tag that the plan asks for is not set.", "Set the tag; those that begin with governance/ are set by admins."),
        "tag_value_not_allowed": (
            "A tag has a value that the plan does not allow.",
            "The tag has a value that the plan does not allow: is the value wrong, or the plan?",
        ),
        "target_shift": (
            "The labels are distributed otherwise than in the training data.",
            "Labels are distributed otherwise than in the training data: are the data those that the model will meet?",
        ),
        "test_missing": (
            "No statement names a test that the plan asks for as passed.",
            "No statement that decides names the test as passed: was it run?",
        ),
        "tests_failed": (
            "A signed statement says that tests elsewhere failed for these bytes.",
            "Tests elsewhere failed for these bytes: ask those who ran them; what is mended has other bytes.",
        ),
        "tests_warned": (
            "A signed statement says that tests elsewhere ended with warnings.",
            "Tests elsewhere ended with warnings: read them before you sign.",
        ),
        "threshold_missed": (
            "The value does not meet the plan's threshold.",
            "See by how much, and whether the interval reaches the threshold; the pictures of the check show where.",
        ),
        "too_few_groups_to_judge": (
            "Fewer than two groups have as many rows as the plan judges.",
            "Only one group, or none, is large enough: collect more rows of the others.",
        ),
        "too_few_of_a_class": ("A class has fewer rows than the check needs.", "Collect more rows of the rare class."),
        "too_few_rows": ("There are fewer rows than the check, or the plan, needs.", "Evaluate on more rows."),
        "too_few_rows_for_categories": (
            "There are too few rows for the number of categories to tell drift from chance.",
            "Many categories, few rows: evaluate on more of them.",
        ),
        "too_few_rows_match": (
            "Fewer rows fulfil the condition of the assertion than the plan asks for.",
            "Too few rows fulfil the condition: use data that have more of them.",
        ),
        "too_large": ("The artifact is larger than the check allows.", "The artifact is larger than the plan allows: is all of it needed?"),
        "too_many_groups": (
            "The columns make more groups than can be judged.",
            "The columns make more groups than can be judged: name fewer, or columns with fewer values.",
        ),
        "too_much_memory": (
            "The model needed more memory than the check allows.",
            "See the observed memory: a smaller model or a smaller batch needs less.",
        ),
        "too_slow": (
            "The model answered more slowly than the check allows.",
            "See the observed durations: they are of the worker's machine, at the time of the run.",
        ),
        "type_broken": (
            "A column has values that are not of the type that the contract says.",
            "See the first row in the record; correct the data, or the contract's `type`.",
        ),
        "unique_broken": (
            "A column that the contract calls unique has a value twice.",
            "See the first row in the record; remove what stands twice.",
        ),
        "weak_slice": (
            "On one slice of the data the model is worse than the plan allows.",
            "The slice is named: is it large or important enough to matter, and are there rows of it to train on?",
        ),
        "worse_than_champion": (
            "The model is worse than the deployed version on the same rows, by more than the plan allows.",
            "The deployed version is better on the same rows: see its curves beside, then keep it or explain why not.",
        ),
        "worst_leaf_above_threshold": (
            "A leaf of the tree of errors has a higher error rate than the plan allows.",
            "The first leaf says by which columns the errors can be told; look at its rows.",
        ),
        "wrong_direction": (
            "When the column rises, predictions move against the direction that the plan expects, on more rows than it allows.",
            "The record has the share of rows that went the wrong way: look at the partial dependence of the column.",
        ),
    }
)
