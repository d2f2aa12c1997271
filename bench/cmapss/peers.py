"""Peers of the C-MAPSS benchmark: scikit-learn's logistic regression, random forest and boosting, on the same folds, with
the threshold chosen as ours is: best F1 on engines of the training folds that the model has not seen, each of equal weight.
Each on the raw rows (cycle, settings, sensors) and on our features."""
import json, sys
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MODELS = {
    "scikit-learn LogisticRegression": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
    "scikit-learn RandomForest": lambda: RandomForestClassifier(n_estimators=100, random_state=0),
    "scikit-learn HistGradientBoosting": lambda: HistGradientBoostingClassifier(random_state=0),
}
INNER = 4
question = json.load(sys.stdin)
engines = question["engines"]
for engine in engines:
    count = len(engine["raw"])
    engine["fails"] = np.arange(count - 1, -1, -1) + engine["left"] <= question["horizon"]
    engine["weight"] = np.full(count, 1 / count)
    for kind in ("raw", "features"):
        engine[kind] = np.array(engine[kind])


def stacked(of, key):
    return np.concatenate([engine[key] for engine in of])


def fitted(make, of, kind):
    return make().fit(stacked(of, kind), stacked(of, "fails"))


def threshold(make, train, kind):
    told = []
    for inner in range(INNER):
        model = fitted(make, [engine for i, engine in enumerate(train) if i % INNER != inner], kind)
        told += [(engine, model.predict_proba(engine[kind])[:, 1]) for engine in train[inner::INNER]]
    scores = np.concatenate([score for _, score in told])
    of = [engine for engine, _ in told]
    precision, recall, thresholds = precision_recall_curve(stacked(of, "fails"), scores, sample_weight=stacked(of, "weight"))
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return thresholds[np.argmax(f1[:-1])]


answer = {}
for name, make in MODELS.items():
    for kind, title in (("features", "our features"), ("raw", "raw rows")):
        said = [None] * len(engines)
        for fold in sorted({engine["fold"] for engine in engines}):
            train = [engine for engine in engines if engine["fold"] not in (fold, question["test"])]
            limit = threshold(make, train, kind)
            model = fitted(make, train, kind)
            for i, engine in enumerate(engines):
                if engine["fold"] == fold:
                    score = model.predict_proba(engine[kind])[:, 1]
                    said[i] = {"alarms": (score >= limit).tolist(), "probabilities": score.tolist()}
        answer[f"{name}, {title}"] = said
json.dump(answer, sys.stdout)
