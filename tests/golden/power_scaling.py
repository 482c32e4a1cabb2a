"""Reference values of power-scaling sensitivity, by brute force (numpy, double precision).

The posterior of log sigma2_fk, known noise, is laid on a fine grid; hyperprior (as stated: the density of
sigma2_fk for ig, of its root for half-t) or marginal likelihood is raised to the powers 2^-0.002 and
2^0.002; distribution functions of log sigma2_fk and of every importance (normal mixtures over the grid)
are formed for each; the normalised cumulative Jensen-Shannon distance to the unscaled ones is integrated
as it is defined (Kallioinen et al. 2024; implementation of reference: R package priorsense, cjs_dist)
between the quantiles at 1/4000 and 1 - 1/4000 of the unscaled one, for x and for -x, and the larger
divided by 0.002; the two powers are averaged.

    python tests/golden/power_scaling.py > tests/golden/power_scaling.json
"""

import json

import numpy as np
from scipy.special import ndtr

STEP = 0.002
TAIL = 1 / 4000

CASES = [
    {"prior": "ig=0.5,0.6", "sigma2_obs": 12.0,
     "fks": [[5, 1.9], [12, -0.7], [40, 0.4], [3, 2.6]]},
    {"prior": "half-t=4,1.5", "sigma2_obs": 12.0,
     "fks": [[5, 1.9], [12, -0.7], [40, 0.4], [3, 2.6]]},
    {"prior": "ig=2,1", "sigma2_obs": 30.0, "fks": [[10, 3.1], [60, -0.2]]},
]


def stated(prior, x):
    """Log density of the stated parameter, and the Jacobian of log sigma2_fk."""
    kind, numbers = prior.split("=")
    a, b = map(float, numbers.split(","))
    if kind == "ig":
        return -(a + 1) * x - b * np.exp(-x), x
    return -0.5 * (a + 1) * np.log1p(np.exp(x) / (a * b * b)), 0.5 * x


def cumulative(x, density):
    cells = 0.5 * (density[1:] + density[:-1]) * np.diff(x)
    cdf = np.concatenate([[0.0], np.cumsum(cells)])
    return cdf / cdf[-1]


def distance(x, p, q):
    m = 0.5 * (p + q)

    def term(f):
        ratio = np.divide(f, m, out=np.ones_like(f), where=m > 0)
        return f * np.log2(np.where(ratio > 0, ratio, 1.0))

    integral = lambda f: np.trapezoid(f, x)
    to_q = integral(term(p)) + (integral(q) - integral(p)) / (2 * np.log(2))
    to_p = integral(term(q)) + (integral(p) - integral(q)) / (2 * np.log(2))
    return np.sqrt((to_q + to_p) / (integral(p) + integral(q)))


def figure(x, cdfs):
    base, *scaled = cdfs
    inside = (base >= 0.9999 * TAIL) & (base <= 1 - 0.9999 * TAIL)
    x, base = x[inside], base[inside]
    scaled = [s[inside] for s in scaled]
    return float(np.mean([max(distance(x, base, s), distance(x, 1 - base, 1 - s)) / STEP
                          for s in scaled]))


def of(case):
    x = np.linspace(-45, 45, 400_001)
    t = np.exp(x)
    s = np.array([case["sigma2_obs"] / n for n, _ in case["fks"]])
    mean = np.array([m for _, m in case["fks"]])
    log_prior, jacobian = stated(case["prior"], x)
    log_likelihood = -0.5 * sum(np.log(t + v) + m * m / (t + v) for v, m in zip(s, mean))
    result = dict(case, sigma2_fk={}, alpha=[{} for _ in s])
    for name, power in (("prior", log_prior), ("likelihood", log_likelihood)):
        densities = []
        for c in (1.0, 2**-STEP, 2**STEP):
            log_density = log_prior + log_likelihood + jacobian + (c - 1) * power
            densities.append(np.exp(log_density - log_density.max()))
        result["sigma2_fk"][name] = figure(x, [cumulative(x, d) for d in densities])
        for found, v, m in zip(result["alpha"], s, mean):
            found[name] = alpha(x, densities, v, m)
    return result


def alpha(x, densities, s, mean):
    thin = slice(None, None, 200)  # the trapezoidal rule over the line needs no more
    t = np.exp(x[thin])
    b = t / (t + s)
    reach = 9 * np.sqrt(s)
    weights = [d[thin] / d[thin].sum() for d in densities]

    def cdfs(low, high):
        a = np.linspace(low, high, 8001)
        below = ndtr((a[:, None] - b * mean) / np.sqrt(b * s))
        return a, [below @ w for w in weights]

    a, (base, *_) = cdfs(-reach + min(mean, 0), reach + max(mean, 0))
    return figure(*cdfs(*np.interp([TAIL, 1 - TAIL], base, a)))


print(json.dumps([of(case) for case in CASES], indent=1))
