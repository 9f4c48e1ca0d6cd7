"""Types that a skops file may have without being named by the plan: plain values, numpy's, and estimators that compute in numpy alone.

Estimators whose compiled code follows indices in their state (trees, support vector machines, neighbours, histograms) are left out: a file
can lead it out of its arrays. Who names `sklearn.tree._tree.Tree` in a plan relies on the sandbox for that.
"""

__all__ = ["ALWAYS_ALLOWED", "MODULES"]

_BUILTINS = ("bool", "dict", "float", "int", "list", "set", "slice", "str", "tuple")
_NUMPY = [
    "ndarray",
    "dtype",
    "bool",
    "bool_",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "str_",
]
_SKLEARN = {
    "calibration": ("CalibratedClassifierCV", "_CalibratedClassifier", "_SigmoidCalibration"),
    "compose._column_transformer": ("ColumnTransformer",),
    "compose._target": ("TransformedTargetRegressor",),
    "decomposition._pca": ("PCA",),
    "discriminant_analysis": ("LinearDiscriminantAnalysis", "QuadraticDiscriminantAnalysis"),
    "dummy": ("DummyClassifier", "DummyRegressor"),
    "ensemble._voting": ("VotingClassifier", "VotingRegressor"),
    "feature_selection._variance_threshold": ("VarianceThreshold",),
    "impute._base": ("MissingIndicator", "SimpleImputer"),
    "linear_model._base": ("LinearRegression",),
    "linear_model._bayes": ("ARDRegression", "BayesianRidge"),
    "linear_model._coordinate_descent": ("ElasticNet", "ElasticNetCV", "Lasso", "LassoCV"),
    "linear_model._glm.glm": ("GammaRegressor", "PoissonRegressor", "TweedieRegressor"),
    "linear_model._huber": ("HuberRegressor",),
    "linear_model._logistic": ("LogisticRegression", "LogisticRegressionCV"),
    "linear_model._quantile": ("QuantileRegressor",),
    "linear_model._ridge": ("Ridge", "RidgeCV", "RidgeClassifier"),
    "multiclass": ("OneVsRestClassifier",),
    "naive_bayes": ("BernoulliNB", "ComplementNB", "GaussianNB", "MultinomialNB"),
    "pipeline": ("FeatureUnion", "Pipeline"),
    "preprocessing._data": (
        "Binarizer", "MaxAbsScaler", "MinMaxScaler", "Normalizer", "PowerTransformer", "QuantileTransformer", "RobustScaler",
        "StandardScaler",
    ),
    "preprocessing._discretization": ("KBinsDiscretizer",),
    "preprocessing._encoders": ("OneHotEncoder", "OrdinalEncoder"),
    "preprocessing._label": ("LabelBinarizer", "LabelEncoder"),
    "preprocessing._polynomial": ("PolynomialFeatures",),
    "utils._bunch": ("Bunch",),
}  # fmt: skip

ALWAYS_ALLOWED = frozenset(
    [f"builtins.{name}" for name in _BUILTINS]
    + [f"numpy.{name}" for name in _NUMPY]
    + [f"sklearn.{module}.{name}" for module, names in _SKLEARN.items() for name in names]
)
MODULES = tuple(f"sklearn.{module}" for module in _SKLEARN)
