"""Reference values for the estimates of lambda and the checks of the scores.

`variances`: marginal and restricted maximum likelihood, moments about zero and DerSimonian-Laird, with 90 %
intervals (profile likelihood; Q-profile, Viechtbauer 2007), for means y with sampling variances s: dense
algebra, scipy's minimiser and root finder. The same functions are first held against figures published for
the 13 trials of the BCG vaccine (metafor's dat.bcg, log risk ratios): tau2 0.3088 by DerSimonian-Laird,
0.3132 by REML, 0.2800 by ML about an unknown mean, 95 % Q-profile interval 0.1197 to 1.1115.
`posterior`: lambda under sampled noise, p ~ 1/sigma2_obs: sums over a fine grid of (log sigma2_fk,
log sigma2_obs), Simpson's rule along the former.
`brown_forsythe`, `rank_correlation`: scipy.stats.levene(center="median"), scipy.stats.spearmanr.
`lag_one`: null variance of r = y'Ay/y'My over independent normal scores, from traces: r and y'My are
independent, so E r^2 = E (y'Ay)^2/E (y'My)^2.

    python tests/golden/lambda.py > tests/golden/lambda.json
"""

import datetime
import json
import math

import numpy as np
import scipy
from scipy import integrate, interpolate, optimize, stats

BCG = [(4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
       (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
       (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
       (27, 16886, 29, 17825)]
SCHOOLS = ([28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18])


def bcg():
    y, s = [], []
    for a, b, c, d in BCG:
        y.append(math.log(a / (a + b)) - math.log(c / (c + d)))
        s.append(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    return np.array(y), np.array(s)


def log_likelihood(y, s, t, kind):
    v = t + s
    w = 1 / v
    m = 0.0 if kind == "zero" else (w * y).sum() / w.sum()
    value = -0.5 * (np.log(v) + (y - m) ** 2 / v).sum()
    return value - 0.5 * math.log(w.sum()) if kind == "reml" else value


def maximise(y, s, kind):
    top = math.log(100 * (y @ y + s.max()))
    grid = np.linspace(math.log(1e-9 * s.min()), top, 4001)
    best = max(range(len(grid)), key=lambda i: log_likelihood(y, s, math.exp(grid[i]), kind))
    if best == 0:
        return 0.0
    found = optimize.minimize_scalar(lambda x: -log_likelihood(y, s, math.exp(x), kind),
                                     bounds=(grid[best - 1], grid[min(best + 1, 4000)]), method="bounded",
                                     options={"xatol": 1e-12})
    t = math.exp(found.x)
    return t if log_likelihood(y, s, t, kind) > log_likelihood(y, s, 0.0, kind) else 0.0


def crossings(f, low, high):
    """Lowest and highest t with f(t) >= 0: 0 where f(0) >= 0."""
    grid = np.linspace(math.log(low), math.log(high), 20001)
    inside = [i for i, x in enumerate(grid) if f(math.exp(x)) >= 0]
    g = lambda x: f(math.exp(x))
    below = 0.0 if f(0.0) >= 0 else math.exp(optimize.brentq(g, grid[inside[0] - 1], grid[inside[0]], xtol=1e-14))
    return [below, math.exp(optimize.brentq(g, grid[inside[-1]], grid[inside[-1] + 1], xtol=1e-14))]


def profile(y, s, kind, level=0.9):
    t = maximise(y, s, kind)
    bar = log_likelihood(y, s, t, kind) - 0.5 * stats.chi2.ppf(level, 1)
    return crossings(lambda t: log_likelihood(y, s, t, kind) - bar, 1e-9 * s.min(), 1e12 * (y @ y + s.max()))


def q(y, s, t, about_mean):
    w = 1 / (t + s)
    m = (w * y).sum() / w.sum() if about_mean else 0.0
    return (w * (y - m) ** 2).sum()


def q_profile(y, s, about_mean, level=0.9):
    degrees = len(y) - about_mean
    ends = []
    for p in [(1 + level) / 2, (1 - level) / 2]:
        f = lambda t: q(y, s, t, about_mean) - stats.chi2.ppf(p, degrees)
        if f(0.0) <= 0:
            ends.append(0.0)
            continue
        high = 1.0
        while f(high) > 0:
            high *= 2
        ends.append(optimize.brentq(f, 0.0, high, xtol=1e-300, rtol=1e-14))
    return ends


def moments(y, s):
    w = 1 / s
    return max(0.0, ((w * y * y).sum() - len(y)) / w.sum())


def dersimonian_laird(y, s):
    w = 1 / s
    return max(0.0, (q(y, s, 0.0, True) - (len(y) - 1)) / (w.sum() - (w * w).sum() / w.sum()))


y, s = bcg()
assert round(dersimonian_laird(y, s), 4) == 0.3088
assert round(maximise(y, s, "reml"), 4) == 0.3132
assert round(maximise(y, s, "ml"), 4) == 0.2800
assert [round(x, 4) for x in q_profile(y, s, True, 0.95)] == [0.1197, 1.1115]


def variances(name, y, s):
    y, s = np.asarray(y, float), np.asarray(s, float)
    return {
        "name": name, "means": y.tolist(), "s": s.tolist(),
        "marginal-ml": maximise(y, s, "zero"), "marginal-ml_interval": profile(y, s, "zero"),
        "moments": moments(y, s), "moments_interval": q_profile(y, s, False),
        "anova": dersimonian_laird(y, s), "anova_interval": q_profile(y, s, True),
        "reml": maximise(y, s, "reml"), "reml_interval": profile(y, s, "reml"),
    }


def posterior(case):
    """lambda by brute force: trapezoidal sums over log t and log sigma2_obs."""
    a0, b0 = case["a0"], case["b0"]
    n, mean, ssw = (np.array(x, float) for x in zip(*case["fks"]))
    x = np.linspace(-14, 16, 3001)[:, None]
    w = np.linspace(-8, 10, 2401)[None, :]
    t, v = np.exp(x), np.exp(w)
    log = -a0 * x - b0 * np.exp(-x) - 0.5 * (n.sum() - len(n)) * w - 0.5 * ssw.sum() / v
    for nk, yk in zip(n, mean):
        log = log - 0.5 * (np.log(t + v / nk) + yk * yk / (t + v / nk))
    p = np.exp(log - log.max())
    p /= p.sum()
    # P(lambda > l) = P(log t < w - log l), column by column of w.
    below = integrate.cumulative_simpson(p, x=x.ravel(), axis=0, initial=0)
    columns = [(wj, interpolate.CubicSpline(x.ravel(), below[:, j]))
               for j, wj in enumerate(w.ravel()) if below[-1, j] > 1e-14 * below[-1].max()]
    total = sum(f(x[-1, 0]) for _, f in columns)
    cdf = lambda l: 1 - sum(f(wj - l) for wj, f in columns) / total
    at = lambda q: math.exp(optimize.brentq(lambda l: cdf(l) - q, -5, 6, xtol=1e-10))
    return {"mean": float((p * v / t).sum()), "quantiles": [at(q) for q in (0.05, 0.5, 0.95)]}


def lag_one_variance(n):
    a = 0.5 * (np.eye(n, k=1) + np.eye(n, k=-1))
    m = np.eye(n) - 1 / n
    b = m @ a @ m
    square = np.trace(b) ** 2 + 2 * np.trace(b @ b)
    return float(square / ((n - 1) * (n + 1)) - (np.trace(b) / (n - 1)) ** 2)


rng = np.random.default_rng(20240551)
unequal = np.array([3, 8, 20, 55, 150, 400])
groups = [rng.normal(0, sd, n).round(3).tolist() for sd, n in [(1, 12), (1.5, 25), (0.7, 40)]]
ties = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9]
result = {
    "made": {"numpy": np.__version__, "scipy": scipy.__version__,
             "date": datetime.date.today().isoformat()},
    "variances": [
        variances("bcg", *bcg()),
        variances("eight schools", SCHOOLS[0], np.square(SCHOOLS[1])),
        variances("unequal n", [1.4, -0.3, 0.9, -1.1, 0.2, 0.6], 2.0 / unequal),
        variances("equal n", [1.4, -0.3, 0.9, -1.1], [0.25] * 4),
        variances("two modes", [0.02, -0.01, 0.015, 36.0], [0.001, 0.001, 0.001, 30.0]),
    ],
    "posterior": [],
    "brown_forsythe": {"groups": groups,
                       **dict(zip(("statistic", "p_value"), map(float, stats.levene(*groups, center="median"))))},
    "rank_correlation": {"scores": ties, "r": float(stats.spearmanr(range(len(ties)), ties).statistic)},
    "lag_one": [{"n": n, "variance": lag_one_variance(n)} for n in (3, 5, 12, 100, 551)],
}
for case in [{"a0": 2.0, "b0": 1.0, "fks": [[5, 1.0, 6.0], [20, -0.4, 30.0], [8, 0.3, 9.0]]},
             {"a0": 0.5, "b0": 0.1, "fks": [[4, 2.0, 3.0], [4, -1.0, 5.0], [12, 0.2, 14.0], [30, 1.1, 33.0]]}]:
    result["posterior"].append({**case, **posterior(case)})
print(json.dumps(result, indent=1))
