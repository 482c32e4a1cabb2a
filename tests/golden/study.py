"""Coverage and risk of the full posterior and the plug-in by plain simulation, for study.json.

Usage: python study.py > study.json      (numpy 2.x, scipy 1.x; about a minute)

Draws alpha, then its mean score; integrates on a fixed fine grid of log t; nothing is stratified or
averaged out. Written 2026-11-22 with the versions named in the output.
"""

import json

import numpy as np
import scipy
from scipy.special import ndtr

LIMIT = 1.6448536269514722
rng = np.random.default_rng(20261122)


def reference(k, r, prior, sets=20_000):
    """n = 20, so that lambda = 20 r; sampling variance r, sigma2_fk = 1."""
    x = np.linspace(np.log(r) - 9, 12 + 60 / k, 700)
    t = np.exp(x)
    h = -0.5 * x - 0.5 * r / t if prior == "default" else 0.5 * x
    shrink = t / (t + r)
    sd = np.sqrt(shrink * r)
    rows = []
    for _ in range(sets // 1000):
        alpha = rng.standard_normal((1000, k))
        mean = alpha + np.sqrt(r) * rng.standard_normal((1000, k))
        sum_sq = (mean**2).sum(1)
        log = h - 0.5 * (k * np.log(t + r) + sum_sq[:, None] / (t + r))
        weight = np.exp(log - log.max(1, keepdims=True))
        weight /= weight.sum(1, keepdims=True)
        b = (weight @ shrink)[:, None]
        full = r * b + ((weight @ shrink**2)[:, None] - b * b) * mean**2
        below = np.stack([(weight * ndtr((alpha[:, j, None] - shrink * mean[:, j, None]) / sd)).sum(1)
                          for j in range(k)], 1)
        hat = np.maximum(0, sum_sq / k - r)[:, None]
        plug = hat / (hat + r)
        true = r / (1 + r)
        rows.append(np.stack([
            ((below >= 0.05) & (below <= 0.95)).mean(1),
            (abs(alpha - b * mean) <= LIMIT * np.sqrt(full)).mean(1),
            ((abs(alpha - plug * mean) <= LIMIT * np.sqrt(plug * r)) & (hat > 0)).mean(1),
            ((alpha - b * mean) ** 2).mean(1) / true,
            ((alpha - plug * mean) ** 2).mean(1) / true,
        ], 1))
    rows = np.concatenate(rows)
    names = ["coverage_full", "coverage_normal", "coverage_plugin", "risk_full", "risk_plugin"]
    mcse = rows.std(0, ddof=1) / np.sqrt(sets)
    figures = {n: [round(float(m), 5), round(float(e), 5)] for n, m, e in zip(names, rows.mean(0), mcse)}
    return {"k": k, "lambda": 20 * r, "prior": prior, "figures": figures}


cases = [reference(k, r, prior) for k, r in ((3, 0.5), (3, 3.0), (5, 3.0), (10, 0.5)) for prior in ("default", "flat")]
versions = f"numpy {np.__version__}, scipy {scipy.__version__}, 20,000 data sets per case, n = 20"
print(json.dumps({"source": versions, "cases": cases}, indent=1))
