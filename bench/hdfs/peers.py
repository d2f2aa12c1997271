"""Detectors on event count vectors: [{learn, judge}] on stdin, {peer: {flagged, scores}} on stdout, folds one after another."""

import json
import sys

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest


def isolation_forest(learn, judge):
    forest = IsolationForest(random_state=0).fit(learn)
    return forest.predict(judge) == -1, -forest.score_samples(judge)


def pca(learn, judge):
    """Squared prediction error beyond the Q-statistic's limit at 99.9 % (Xu et al. 2009; Jackson and Mudholkar 1979)."""
    centre = learn.mean(axis=0)
    model = PCA(svd_solver="full").fit(learn)
    kept = int(np.searchsorted(np.cumsum(model.explained_variance_ratio_), 0.95) + 1)
    axes = model.components_[:kept]
    residual = (judge - centre) - (judge - centre) @ axes.T @ axes
    scores = (residual**2).sum(axis=1)
    rest = model.explained_variance_[kept:]
    phi = [float((rest**power).sum()) for power in (1, 2, 3)]
    h0 = 1 - 2 * phi[0] * phi[2] / (3 * phi[1] ** 2)
    base = 3.2905 * np.sqrt(2 * phi[1] * h0**2) / phi[0] + 1 + phi[1] * h0 * (h0 - 1) / phi[0] ** 2
    limit = phi[0] * base ** (1 / h0)
    return scores > limit, scores


peers = {"isolation forest (scikit-learn)": isolation_forest, "PCA residual (scikit-learn)": pca}
answer = {name: {"flagged": [], "scores": []} for name in peers}
for fold in json.load(sys.stdin):
    learn, judge = (np.asarray(fold[part], dtype=float) for part in ("learn", "judge"))
    for name, detect in peers.items():
        flagged, scores = detect(learn, judge)
        answer[name]["flagged"] += [bool(one) for one in flagged]
        answer[name]["scores"] += [float(one) for one in scores]
json.dump(answer, sys.stdout)
