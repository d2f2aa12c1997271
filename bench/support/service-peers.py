"""Peers of the service benchmarks: scikit-learn's isolation forest, PCA residual, mean |z|; each also as logarithms averaged over 15 minutes."""
import gzip, json, os, sys
import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, precision_recall_curve


def read(folder, case, part):
    path = os.path.join(folder, f"{case}.{part}")
    with gzip.open(f"{path}.gz") if os.path.exists(f"{path}.gz") else open(path) as file:
        return np.loadtxt(file, delimiter=",")


def scores_of(train, test):
    mean, deviation = train.mean(0), train.std(0)
    moved = deviation > 1e-6
    train, test = ((part[:, moved] - mean[moved]) / deviation[moved] for part in (train, test))
    pca = PCA(n_components=0.9, svd_solver="full").fit(train)
    forest = IsolationForest(n_estimators=100, random_state=0).fit(train)
    return {
        "scikit-learn IsolationForest": -forest.score_samples(test),
        "PCA residual (90 %)": ((test - pca.inverse_transform(pca.transform(test))) ** 2).sum(1),
        "mean |z|": np.abs(test).mean(1),
    }


def trailing(scores, window):
    sums = np.concatenate([[0], np.cumsum(scores)])
    end = np.arange(1, len(scores) + 1)
    start = np.maximum(0, end - window)
    return (sums[end] - sums[start]) / (end - start)


def metrics(labels, scores):
    precision, recall, _ = precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return {"aucPr": float(average_precision_score(labels, scores)), "bestF1": float(f1.max())}


question = json.load(sys.stdin)
answer = {}
for case in question["cases"]:
    train, test, labels = (read(question["folder"], case, part) for part in ("train.csv", "test.csv", "test_label.txt"))
    for name, scores in scores_of(train, test).items():
        answer.setdefault(name, []).append(metrics(labels, scores))
        smoothed = trailing(np.log(scores + 1e-3), question["smoothed"])
        answer.setdefault(f"{name}, log, 15-minute mean", []).append(metrics(labels, smoothed))
json.dump(answer, sys.stdout)
