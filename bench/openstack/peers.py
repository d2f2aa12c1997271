"""scikit-learn's models on given folds. Reads JSON from standard input, prints a JSON list of {name, probabilities}."""

import json
import sys

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def main():
    given = json.load(sys.stdin)
    every = np.array(given["rows"], dtype=float)
    counts = every[:, given["columns"]]
    labels, folds = np.array(given["labels"]), np.array(given["folds"])
    models = {
        "random forest": (lambda: RandomForestClassifier(300, random_state=0), counts),
        "random forest, our features": (lambda: RandomForestClassifier(300, random_state=0), every),
        "extra trees": (lambda: ExtraTreesClassifier(300, random_state=0), counts),
        "gradient boosting": (lambda: GradientBoostingClassifier(n_estimators=60, subsample=0.8, max_features=0.3, random_state=0), counts),
        "logistic regression": (
            lambda: make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression(max_iter=500)),
            counts,
        ),
    }
    answers = []
    for name, (make, rows) in models.items():
        found = np.zeros((len(labels), given["count"]))
        for fold in np.unique(folds):
            model = make().fit(rows[folds != fold], labels[folds != fold])
            classes = model.classes_ if hasattr(model, "classes_") else model[-1].classes_
            found[np.ix_(folds == fold, classes)] = model.predict_proba(rows[folds == fold])
        answers.append({"name": name, "probabilities": np.round(found, 6).tolist()})
    json.dump(answers, sys.stdout)


main()
