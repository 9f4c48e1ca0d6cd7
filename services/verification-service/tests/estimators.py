"""scikit-learn's estimators for tests, fitted on a few rows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, PolynomialFeatures, QuantileTransformer, StandardScaler

from .tree_models import ROWS, YES

BINS = KBinsDiscretizer(quantile_method="averaged_inverted_cdf")
CLASSIFIERS: Mapping[str, Any] = MappingProxyType(
    {
        "regression": LogisticRegression(),
        "scaled": make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()),
        "polynomial": make_pipeline(PolynomialFeatures(), GaussianNB()),
        "calibrated": CalibratedClassifierCV(LogisticRegression()),
        "by column": make_pipeline(ColumnTransformer([("bins", BINS, [0]), ("scale", StandardScaler(), [1])]), LogisticRegression()),
        "quantiles": make_pipeline(PCA(), QuantileTransformer(n_quantiles=10), LogisticRegression()),
        "one column a value": make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()),
        "voting": VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"),
        "discriminant": LinearDiscriminantAnalysis(),
    }
)


def fitted(estimator: Any) -> Any:
    """On the truth of yes or no."""
    return estimator.fit(ROWS.astype(np.float64), YES)


def fitted_regression() -> Any:
    return Ridge().fit(ROWS.astype(np.float64), ROWS[:, 0] * 2.0 - 1.0)


def fitted_forest() -> Any:
    return fitted(RandomForestClassifier(3, max_depth=2, random_state=1))
