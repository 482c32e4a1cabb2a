"""Reference values of the convergence diagnostics, from arviz.

    python tests/golden/diagnostics.py > tests/golden/diagnostics.json

Draws are not stored: `draws` below and in tests/statistical/generator.rs do the same operations in
the same order (integers, + - * / and floor, all exactly defined), so both give the same numbers;
the first and the last draw tell if they do not.

R-hat is put together from arviz's own pieces: the whole sample is folded about its median, then
split. `arviz.summary` does so too, but `arviz.rhat` folds after splitting, which differs for an odd
number of draws, and neither takes a single chain (here: half against half). All else is arviz's
public `ess` and `mcse`.
"""

import json
import math
import platform

import arviz
import numpy
import scipy
from arviz.stats import diagnostics as pieces

GENERATED = "2026-11-22"
MASK = (1 << 64) - 1
QUANTILES = (0.05, 0.5, 0.9)

CASES = [
    dict(name="independent", chains=4, draws=500),
    dict(name="slow", chains=4, draws=1000, rho=0.9),
    dict(name="very slow", chains=4, draws=2000, rho=0.99),
    dict(name="antithetic", chains=4, draws=1000, rho=-0.5),
    dict(name="antithetic, capped", chains=4, draws=1000, rho=-0.95),
    dict(name="no moments", chains=4, draws=500, shape="cauchy"),
    dict(name="ties", chains=4, draws=500, rho=0.3, shape="rounded"),
    dict(name="ties, odd", chains=4, draws=501, rho=0.3, shape="rounded"),
    dict(name="one chain", chains=1, draws=1000, rho=0.5),
    dict(name="one chain, odd", chains=1, draws=501, rho=0.5),
    dict(name="odd", chains=4, draws=333, rho=0.4),
    dict(name="odd, few", chains=3, draws=11, rho=0.4),
    dict(name="stuck apart", chains=2, draws=500, rho=0.2, apart=20.0),
    dict(name="not mixed", chains=4, draws=400, rho=0.6, apart=0.5),
    dict(name="tiny", chains=4, draws=500, rho=0.5, unit=1e-20),
    dict(name="huge", chains=4, draws=500, rho=0.5, unit=1e200),
    dict(name="far from zero", chains=4, draws=500, rho=0.5, offset=1e6),
    dict(name="short", chains=4, draws=10),
    dict(name="shortest", chains=2, draws=4),
    dict(name="many chains", chains=16, draws=100, rho=0.7),
    dict(name="long", chains=4, draws=10000, rho=0.8),
    dict(name="two values", chains=4, draws=501, rho=0.3, shape="binary"),
]


def uniform(state):
    """splitmix64, its upper 53 bits as a number in [0, 1)."""
    state[0] = (state[0] + 0x9E3779B97F4A7C15) & MASK
    z = state[0]
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    z ^= z >> 31
    return (z >> 11) * 2.0**-53


def nearly_normal(state):
    """The sum of twelve uniform numbers, less 6."""
    total = 0.0
    for _ in range(12):
        total = total + uniform(state)
    return total - 6.0


def draws(case):
    """AR(1) chains from 0, `apart` between neighbours; units are applied by the caller."""
    rows = []
    for chain in range(case["chains"]):
        state = [case["seed"] * 1000 + chain]
        x, row = 0.0, []
        for _ in range(case["draws"]):
            x = case["rho"] * x + nearly_normal(state)
            y = x
            if case["shape"] == "cauchy":
                y = x / nearly_normal(state)
            if case["shape"] == "rounded":
                y = math.floor(x * 2.0 + 0.5)
            if case["shape"] == "binary":
                y = float(x > 1.0)
            row.append(y + chain * case["apart"] + case["offset"])
        rows.append(row)
    return numpy.array(rows, dtype=float)


def r_hat(x):
    def split_z(y):
        return pieces._rhat(pieces._z_scale(pieces._split_chains(y)))

    return max(split_z(x), split_z(numpy.abs(x - numpy.median(x))))


def values(x, unit):
    return dict(
        r_hat=r_hat(x),
        ess_bulk=arviz.ess(x, method="bulk"),
        ess_tail=arviz.ess(x, method="tail"),
        ess_mean=arviz.ess(x, method="mean"),
        mcse_mean=arviz.mcse(x, method="mean") * unit,
        mcse_sd=arviz.mcse(x, method="sd") * unit,
        mcse_quantile=[arviz.mcse(x, method="quantile", prob=p) * unit for p in QUANTILES],
    )


def main():
    cases = []
    for seed, case in enumerate(CASES, start=1):
        full = dict(rho=0.0, shape="plain", apart=0.0, offset=0.0, unit=1.0, seed=seed) | case
        x = draws(full)
        # As text: some JSON readers round the last digit.
        check = dict(first=repr(x[0, 0].item()), last=repr(x[-1, -1].item()))
        cases.append(full | dict(check=check, expected=values(x, full["unit"])))
    tools = dict(
        python=platform.python_version(),
        arviz=arviz.__version__,
        numpy=numpy.__version__,
        scipy=scipy.__version__,
    )
    plain = lambda number: number.item()
    result = dict(generated=GENERATED, tools=tools, quantiles=QUANTILES, cases=cases)
    print(json.dumps(result, indent=1, default=plain))


main()
