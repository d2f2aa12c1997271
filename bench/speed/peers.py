"""What a point costs rrcf, river's half-space trees, scikit-learn's isolation forest and drain3, in processor time, one at a time."""

import gzip
import json
import pickle
import statistics
import sys
import time

import numpy as np
import rrcf
from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig
from river.anomaly import HalfSpaceTrees
from sklearn.ensemble import IsolationForest

TREES, SIZE = 40, 256  # of AWS's random cut forest, by default near to 100 and 256; rrcf's own example has 40


class Forest:
    """rrcf's documented way of streaming: the oldest point is forgotten for each new one."""

    def __init__(self):
        self.trees = [rrcf.RCTree(random_state=seed) for seed in range(TREES)]
        self.seen = 0

    def step(self, value):
        score = 0.0
        for tree in self.trees:
            if len(tree.leaves) >= SIZE:
                tree.forget_point(self.seen - SIZE)
            tree.insert_point(value, index=self.seen)
            score += tree.codisp(self.seen)
        self.seen += 1
        return score / TREES


class HalfSpace:
    def __init__(self, low, high):
        self.model = HalfSpaceTrees(n_trees=25, height=8, window_size=250, limits={"x": (low, high)}, seed=1)

    def step(self, value):
        score = self.model.score_one({"x": value})
        self.model.learn_one({"x": value})
        return score


def measured(name, of, runs, make, warm, timed):
    micros = []
    for _ in range(runs):
        step, state = make()
        for one in warm:
            step(one)
        began = time.process_time()
        for one in timed:
            step(one)
        micros.append((time.process_time() - began) / len(timed) * 1e6)
    sys.setrecursionlimit(100_000)
    size = len(gzip.compress(pickle.dumps(state))) / 1024
    return {"name": name, "of": of, "points": 1, "micros": statistics.median(micros), "kilobytes": size}


def streaming(made):
    return made.step, made


def drain():
    miner = TemplateMiner(config=TemplateMinerConfig())
    return miner.add_log_message, miner.drain


question = json.load(sys.stdin)
values, rows, lines = question["values"], np.array(question["rows"]), question["lines"]
warm, count, runs = question["warm"], question["timed"], question["runs"]
fitted = IsolationForest(n_estimators=100, random_state=0).fit(rows[:warm])
one_by_one = [row.reshape(1, -1) for row in rows[warm : warm + 100]]
last = values[warm : warm + count]
answer = [
    measured("rrcf, 40 trees of 256", "point", runs, lambda: streaming(Forest()), values[warm - SIZE : warm], last),
    measured(
        "river HalfSpaceTrees, 25 trees",
        "point",
        runs,
        lambda: streaming(HalfSpace(min(values), max(values))),
        values[warm - 1000 : warm],
        last,
    ),
    measured(
        "scikit-learn IsolationForest, one by one",
        f"row of {rows.shape[1]} metrics",
        runs,
        lambda: (fitted.score_samples, fitted),
        [],
        one_by_one,
    ),
    measured("drain3, without masks", "line", runs, drain, lines[:warm], lines[warm:]),
]
began = time.process_time()
fitted.score_samples(rows[warm:])
at_once = (time.process_time() - began) / len(rows[warm:]) * 1e6
answer.append({**answer[2], "name": f"scikit-learn IsolationForest, {len(rows) - warm} at once", "micros": at_once})
json.dump(answer, sys.stdout)
