"""Reference values for the eight schools (Rubin 1981): flat location, flat on sigma_fk.

An independent route to the figures: tanh-sinh quadrature over sigma = sqrt(sigma2_fk) at 30 digits
(mpmath), where the program sums a trapezoidal rule over log sigma2_fk in double precision. The
location and the effects are normal given sigma; their moments follow by total variance.

    python tests/golden/eight_schools.py > tests/golden/eight_schools.json
"""

import json
import sys

import mpmath as mp

mp.mp.dps = 30
EFFECTS = [28, 8, -3, 7, -1, 1, 18, 12]
ERRORS = [15, 10, 16, 11, 9, 11, 10, 18]
# Pieces of the half-line; the last reaches to infinity, where the density falls as sigma^-7.
PIECES = [0, 1, 3, 6, 10, 20, 50, 200, 2000, mp.inf]


def given(sigma):
    """Log density of sigma, and mean and variance of the location."""
    v = [sigma**2 + mp.mpf(s) ** 2 for s in ERRORS]
    precision = sum(1 / x for x in v)
    m = sum(y / x for y, x in zip(EFFECTS, v)) / precision
    log_p = -sum(mp.log(x) + (y - m) ** 2 / x for y, x in zip(EFFECTS, v)) / 2
    return log_p - mp.log(precision) / 2, m, 1 / precision


SHIFT = given(mp.mpf(1))[0]


def integral(g):
    def f(sigma):
        log_p, m, var_m = given(sigma)
        return mp.exp(log_p - SHIFT) * g(sigma, m, var_m)

    return mp.quad(f, PIECES, maxdegree=10)


TOTAL = integral(lambda *_: 1)


def mean(g):
    return integral(g) / TOTAL


def conditional(k, sigma, m, var_m):
    s = mp.mpf(ERRORS[k]) ** 2
    b = sigma**2 / (sigma**2 + s)
    return b * EFFECTS[k] + (1 - b) * m, b * s + (1 - b) ** 2 * var_m


def moments(f):
    """Mean and sd of what is normal with mean and variance f(...) given sigma."""
    center = mean(lambda *a: f(*a)[0])
    variance = mean(lambda *a: f(*a)[1] + (f(*a)[0] - center) ** 2)
    return {"mean": float(center), "sd": float(mp.sqrt(variance))}


values = {
    "made_by": f"tests/golden/eight_schools.py, mpmath {mp.__version__}, "
    f"Python {sys.version.split()[0]}, 2026-11-22",
    "sigma2_fk": moments(lambda sigma, m, v: (sigma**2, 0)),
    "location": moments(lambda sigma, m, v: (m, v)),
    "alpha": [moments(lambda *a, k=k: conditional(k, *a)) for k in range(8)],
}
print(json.dumps(values, indent=1))
