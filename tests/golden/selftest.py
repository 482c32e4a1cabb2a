"""The known diagnostics of src/selftest/known.rs, by ArviZ 0.23.4 (2026-11-26).

pip install arviz==0.23.4; python selftest.py
"""

import math

import arviz
import numpy as np


def chains(apart: float) -> np.ndarray:
    """Four chains of 500 draws without random numbers."""
    found = []
    for c in range(4):
        x, u = 0.0, 0.5 * (c + 1) * 0.6180339887498949
        chain = []
        for _ in range(500):
            u = (u + 0.7548776662466927 * (1 + 0.1 * c)) % 1.0
            x = 0.6 * x + math.log((u + 0.001) / (1.001 - u))
            chain.append(x + apart * c)
        found.append(chain)
    return np.array(found)


for apart in (0.0, 1.0):
    draws = chains(apart)
    print(
        apart,
        float(arviz.rhat(draws)),
        float(arviz.ess(draws, method="bulk")),
        float(arviz.ess(draws, method="tail")),
        float(arviz.mcse(draws, method="mean")),
        float(arviz.mcse(draws, method="sd")),
    )
