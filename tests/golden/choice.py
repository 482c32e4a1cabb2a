"""Reference values for the choices that the program makes or advises from marginal likelihoods.

`noise`: log Bayes factor of per-FK noise, IG(c0, d0) with p(d0) ~ 1/d0, against common noise with
p(sigma2) ~ 1/sigma2, from the deviations within FKs: one-dimensional integrals at 30 digits (mpmath).
`importances`: log Bayes factor of Student-t importances (nu = 4) against normal ones with known noise,
and the predictive probability under the latter of a mean as large as the largest: nested quadrature,
over log sigma2_fk outside and over log omega inside, in double precision (scipy, tolerance 1e-11).

    python tests/golden/choice.py > tests/golden/choice.json
"""

import json
import math

import mpmath as mp
from scipy.integrate import quad
from scipy.stats import norm

mp.mp.dps = 30

NOISE = [
    {"c0": 1.0, "fks": [[5, 60.0], [20, 400.0], [80, 1700.0]]},
    {"c0": 1.0, "fks": [[12, 1.0], [30, 300.0], [50, 5.0], [1, 0.0]]},
    {"c0": 2.5, "fks": [[2, 0.1], [3, 40.0]]},
]
IMPORTANCES = [
    {"a0": 2.0, "b0": 1.0, "s": [0.05] * 6, "means": [10.0, 0.3, -0.2, 0.5, 0.1, -0.4]},
    {"a0": 0.5, "b0": 0.02, "s": [0.2, 0.05, 0.01, 0.4, 0.1], "means": [0.1, 6.0, 0.02, -0.7, -0.1]},
]


def noise(case):
    c0 = mp.mpf(case["c0"])
    fks = [(mp.mpf(n - 1) / 2, mp.mpf(ssw) / 2) for n, ssw in case["fks"] if n > 1]
    half, total = sum(h for h, _ in fks), sum(s for _, s in fks)

    # common: the integral over log sigma2, done numerically too
    def log_common(x):
        return -half * x - total * mp.exp(-x)

    def log_own(x):
        d0 = mp.exp(x)
        return sum(c0 * x + mp.loggamma(c0 + h) - mp.loggamma(c0) - (c0 + h) * mp.log(d0 + s)
                   for h, s in fks)

    return float(log_integral(log_own) - log_integral(log_common))


def log_integral(log_f):
    """Relative to the largest value on a grid: tolerances of the quadrature are absolute."""
    top = max(log_f(mp.mpf(x) / 10) for x in range(-200, 300))
    return top + mp.log(mp.quad(lambda x: mp.exp(log_f(x) - top), [mp.mpf(x) for x in range(-60, 61, 2)]))


def importances(case):
    a0, b0, s, means = case["a0"], case["b0"], case["s"], case["means"]
    half_nu = 2.0

    def prior(x):
        return math.exp(a0 * math.log(b0) - math.lgamma(a0) - a0 * x - b0 * math.exp(-x))

    def inner(t, y, s):
        def f(z):
            omega = half_nu * math.exp(z)
            return math.exp(-half_nu * z - math.exp(-z) - math.lgamma(half_nu)) * norm.pdf(
                y, scale=math.sqrt(t * omega + s))
        return sum(quad(f, a, b, epsabs=0, epsrel=1e-11, limit=400)[0]
                   for a, b in [(-4, -1), (-1, 1), (1, 4), (4, 10), (10, 25)])

    def integral(f):
        pieces = [-25, -12, -8, -6, -4, -2, 0, 2, 4, 6, 8, 12, 25]
        return sum(quad(f, a, b, epsabs=0, epsrel=1e-9, limit=200)[0]
                   for a, b in zip(pieces, pieces[1:]))

    def heavy(x):
        return prior(x) * math.prod(inner(math.exp(x), y, v) for y, v in zip(means, s))

    def normal(x):
        return prior(x) * math.prod(
            norm.pdf(y, scale=math.sqrt(math.exp(x) + v)) for y, v in zip(means, s))

    largest = max(map(abs, means))

    def exceeded(x):
        below = math.prod(1 - 2 * norm.sf(largest / math.sqrt(math.exp(x) + v)) for v in s)
        return normal(x) * (1 - below)

    evidence = integral(normal)
    return math.log(integral(heavy) / evidence), integral(exceeded) / evidence


result = {"noise": [], "importances": []}
for case in NOISE:
    result["noise"].append({**case, "log_bayes_factor": noise(case)})
for case in IMPORTANCES:
    log_bayes_factor, p_largest = importances(case)
    result["importances"].append(
        {**case, "log_bayes_factor": log_bayes_factor, "p_largest": p_largest})
print(json.dumps(result, indent=1))
