"""The data: the RAND Health Insurance Experiment (1974 to 1982, public domain), 20,190 person-years, as statsmodels carries it.

The question to a model: will this person see a doctor this year? Every fifth row is kept for testing.
"""

import csv
import io
from dataclasses import dataclass
from typing import Any

__all__ = ["FEATURES", "LABEL", "People", "load", "rows_csv"]

FEATURES = ("lncoins", "idp", "lpi", "fmde", "physlm", "disea", "hlthg", "hlthf", "hlthp")
LABEL = "sees_doctor"
TEST_EVERY = 5


@dataclass(frozen=True, slots=True)
class People:
    """`features` is a float32 array of shape (rows, 9), `sees_doctor` an integer array of 0 and 1."""

    features: Any
    sees_doctor: Any


def load() -> tuple[People, People]:
    """The training and the test rows; the same every time."""
    import numpy
    from statsmodels.datasets import randhie

    table = randhie.load_pandas().data
    all_people = People(table[list(FEATURES)].to_numpy(dtype="float32"), (table["mdvis"] > 0).to_numpy(dtype="int64"))
    is_test = numpy.arange(len(table)) % TEST_EVERY == 0
    train, test = (People(all_people.features[rows], all_people.sees_doctor[rows]) for rows in (~is_test, is_test))
    return train, test


def rows_csv(people: People) -> bytes:
    """Rows as verification reads them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*FEATURES, LABEL])
    for features, label in zip(people.features, people.sees_doctor, strict=True):
        writer.writerow([*(repr(float(value)) for value in features), int(label)])
    return text.getvalue().encode()
