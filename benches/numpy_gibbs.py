"""The yardstick: what a short numpy Gibbs sampler yields per second of CPU time.

Usage: python numpy_gibbs.py FKBAYES_BINARY

K = 50 foreign keys, n = 10 scores each, sigma2_obs = 101 known, sigma2_fk ~ IG(2, 1): weak data,
on which the plain alternation mixes slowly. Prints effective draws of sigma2_fk (bulk, arviz) per
second for numpy and for `fkbayes fit`, and the ratio. The program's seconds are wall-clock time
of its sampling with one thread, which is its CPU time too. Needs numpy and arviz.
"""

import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

warnings.simplefilter("ignore")
import arviz as az  # noqa: E402

K, N, NOISE, A0, B0 = 50, 10, 101.0, 2.0, 1.0
CHAINS, WARMUP, DRAWS = 4, 1000, 25_000


def gibbs(mean, rng):
    """The plain alternation: alpha | sigma2_fk, then sigma2_fk | alpha."""
    t, out = 1.0, np.empty(DRAWS)
    for i in range(-WARMUP, DRAWS):
        shrink = N / (N + NOISE / t)
        alpha = shrink * mean + np.sqrt(shrink * NOISE / N) * rng.standard_normal(K)
        t = (B0 + 0.5 * alpha @ alpha) / rng.standard_gamma(A0 + K / 2)
        if i >= 0:
            out[i] = t
    return out


def numpy_rate(mean):
    start = time.process_time()
    draws = np.stack([gibbs(mean, np.random.default_rng([1, c])) for c in range(CHAINS)])
    seconds = time.process_time() - start
    return float(az.ess(draws, method="bulk")), seconds, float(draws.mean())


def program_rate(binary, mean, *extra):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "stats.csv"
        rows = [f"fk_{k:02d},{N},{m!r},{NOISE ** 0.5!r}" for k, m in enumerate(mean.tolist())]
        source.write_text("fk,n,mean,sd\n" + "\n".join(rows) + "\n")
        command = [binary, "fit", source, "--noise", f"known={NOISE:g}", "--a0", f"{A0:g}",
                   "--b0", f"{B0:g}", "--chains", CHAINS, "--warmup", WARMUP, "--draws", DRAWS,
                   "--threads", 1, "--seed", 1, "--no-draws", "--quiet", "--json", *extra]
        done = subprocess.run([str(c) for c in command], check=True, capture_output=True)
    answer = json.loads(done.stdout)
    found = next(p for p in answer["parameters"] if p["name"] == "sigma2_fk")
    return found["ess_bulk"], answer["sampler"]["seconds"], found["mean"]


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    binary = Path(sys.argv[1]).resolve()
    mean = np.random.default_rng(20261122).normal(0.0, np.sqrt(1 + NOISE / N), K)
    print(f"{CHAINS} chains of {DRAWS} draws after {WARMUP}; K={K}, n={N}, sigma2_obs={NOISE:g}, IG({A0:g}, {B0:g})")
    print(f"{'':32}{'ESS':>10}{'seconds':>10}{'ESS/s':>12}{'mean':>10}{'ratio':>9}")
    base = None
    for label, run in [("numpy, plain alternation", lambda: numpy_rate(mean)),
                       ("fkbayes, --no-interweave", lambda: program_rate(binary, mean, "--no-interweave")),
                       ("fkbayes, default", lambda: program_rate(binary, mean))]:
        ess, seconds, average = run()
        rate = ess / seconds
        base = base or rate
        print(f"{label:32}{ess:10.0f}{seconds:10.3f}{rate:12.0f}{average:10.4f}{rate / base:9.1f}")


if __name__ == "__main__":
    main()
