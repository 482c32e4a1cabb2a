"""Speed and agreement of the diagnostics beside arviz, in one run on the same draws.

    python benches/diagnostics_vs_arviz.py [PARAMETERS]

1,000 parameters (or as many as said) × 4 chains × 2,500 draws, AR(1) with ρ from 0 to 0.95. Both
sides use one thread, both are timed without reading the draws or printing; the best of three runs
counts for each.
"""

import subprocess
import sys
import time

import arviz
import numpy
import xarray

CHAINS, DRAWS, ROUNDS = 4, 2_500, 3
COLUMNS = ["mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat"]


def block(parameters):
    rng = numpy.random.default_rng(20261122)
    rho = numpy.linspace(0.0, 0.95, parameters)[:, None]
    x = rng.standard_normal((parameters, CHAINS, DRAWS))
    for t in range(1, DRAWS):
        x[:, :, t] += rho * x[:, :, t - 1]
    return x


def ours(x):
    build = ["cargo", "build", "--quiet", "--release", "--example", "diagnose_block"]
    subprocess.run(build, check=True)
    run = ["target/release/examples/diagnose_block", str(CHAINS), str(DRAWS)]
    seconds = []
    for _ in range(ROUNDS):
        done = subprocess.run(run, input=x.astype("<f8").tobytes(), capture_output=True, check=True)
        *rows, last = done.stdout.decode().splitlines()
        seconds.append(float(last))
    return min(seconds), numpy.array([[float(cell) for cell in row.split()] for row in rows])


def theirs(x, kind):
    draws = xarray.DataArray(x, dims=("parameter", "chain", "draw"), name="x")
    data = draws.transpose("chain", "draw", "parameter").to_dataset()
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        table = arviz.summary(data, kind=kind, round_to="none")
        seconds.append(time.perf_counter() - start)
    return min(seconds), table[COLUMNS].to_numpy(dtype=float)


def main():
    parameters = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    x = block(parameters)
    fast, found = ours(x)
    alike, expected = theirs(x, "diagnostics")
    whole, _ = theirs(x, "all")
    worst = numpy.abs(found / expected - 1.0).max(axis=0)
    print(f"arviz {arviz.__version__}, {parameters} parameters x {CHAINS} chains x {DRAWS} draws")
    print(f"fkbayes                            {1e3 * fast:8.1f} ms")
    for what, slow in [('summary, kind="diagnostics"', alike), ("summary", whole)]:
        name = f"arviz {what}"
        print(f"{name:34} {1e3 * slow:8.1f} ms, {slow / fast:.1f} times as long")
    for column, error in zip(COLUMNS, worst):
        print(f"largest relative difference of {column}: {error:.1e}")


main()
