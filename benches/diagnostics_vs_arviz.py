"""Speed and agreement of the diagnostics beside arviz, in one run on the same draws.

    python benches/diagnostics_vs_arviz.py [PARAMETERS [LARGEST_RHO]]

1,000 parameters (or as many as said) × 4 chains × 2,500 draws, AR(1) with ρ from 0 to 0.95 (or as
said). Both sides use one thread, both are timed without reading the draws or printing. They take
turns, lest other load hit one side only, and the best of three turns counts for each.
"""

import subprocess
import sys
import time

import arviz
import numpy
import xarray

CHAINS, DRAWS, ROUNDS = 4, 2_500, 3
COLUMNS = ["mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat"]


def block(parameters, largest_rho):
    rng = numpy.random.default_rng(20261122)
    rho = numpy.linspace(0.0, largest_rho, parameters)[:, None]
    x = rng.standard_normal((parameters, CHAINS, DRAWS))
    for t in range(1, DRAWS):
        x[:, :, t] += rho * x[:, :, t - 1]
    return x


def ours(x):
    """Seconds and figures."""
    run = ["target/release/examples/diagnose_block", str(CHAINS), str(DRAWS)]
    done = subprocess.run(run, input=x.astype("<f8").tobytes(), capture_output=True, check=True)
    *rows, seconds = done.stdout.decode().splitlines()
    return float(seconds), numpy.array([[float(cell) for cell in row.split()] for row in rows])


def theirs(x, kind):
    """Seconds and figures."""
    draws = xarray.DataArray(x, dims=("parameter", "chain", "draw"), name="x")
    data = draws.transpose("chain", "draw", "parameter").to_dataset()
    start = time.perf_counter()
    table = arviz.summary(data, kind=kind, round_to="none")
    return time.perf_counter() - start, table[COLUMNS].to_numpy(dtype=float)


def main():
    parameters = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    largest_rho = float(sys.argv[2]) if len(sys.argv) > 2 else 0.95
    x = block(parameters, largest_rho)
    build = ["cargo", "build", "--quiet", "--release", "--example", "diagnose_block"]
    subprocess.run(build, check=True)
    seconds = []
    for _ in range(ROUNDS):
        fast, found = ours(x)
        alike, expected = theirs(x, "diagnostics")
        whole, _ = theirs(x, "all")
        seconds.append((fast, alike, whole))
    fast, alike, whole = numpy.min(seconds, axis=0)
    worst = numpy.abs(found / expected - 1.0).max(axis=0)

    print(f"{parameters} parameters x {CHAINS} chains x {DRAWS} draws, rho 0 to {largest_rho}")
    print(f"fkbayes                            {1e3 * fast:8.1f} ms")
    for what, slow in [('summary, kind="diagnostics"', alike), ("summary", whole)]:
        name = f"arviz {what}"
        print(f"{name:34} {1e3 * slow:8.1f} ms, {slow / fast:.1f} times as long")
    print(f"arviz {arviz.__version__}, python {sys.version.split()[0]}; largest relative difference:")
    for column, error in zip(COLUMNS, worst):
        print(f"  {column:9} {error:.1e}")


main()
