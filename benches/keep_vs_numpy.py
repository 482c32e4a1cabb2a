"""Many foreign keys, few kept: fkbayes against exact samplers in numpy, whole processes.

Usage: python keep_vs_numpy.py FKBAYES_BINARY [K ...]      (default: 100000)

All read the same CSV of fk, n, mean, sd, draw 4 x 1,000 times from the exact posterior of sigma2_fk at
known noise and keep 200 importances in a file. numpy finds the posterior on a grid of log sigma2_fk and
stops there: plainly, a sum over all foreign keys at each of 600 nodes, or knowing that few n differ, by
(count, sum of squares) of each. fkbayes also gives every importance its figures, checks what it stored,
and syncs its file. Runs are interleaved; medians of 7.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOISE, KEPT, DRAWS, ROUNDS = 101.0, 200, 4000, 7

READ = f"""
import sys
import numpy as np
source, target = sys.argv[1:]
n, mean = np.loadtxt(source, delimiter=",", skiprows=1, usecols=(1, 2), unpack=True)
s = {NOISE} / n
b0 = 0.5 * np.median(s)
"""

PLAIN = """
square = mean**2
def log_density(grid):
    def at(x):
        v = np.exp(x) + s
        return -0.5 * x - b0 * np.exp(-x) - 0.5 * (np.log(v) + square / v).sum()
    return np.array([at(x) for x in grid])
NODES = (100, 400)
"""

GROUPED = f"""
distinct, group = np.unique(n, return_inverse=True)
count = np.bincount(group)
sum_sq = np.bincount(group, weights=mean**2)
def log_density(x):
    v = np.exp(x)[:, None] + {NOISE} / distinct
    return -0.5 * x - b0 * np.exp(-x) - 0.5 * (count * np.log(v) + sum_sq / v).sum(1)
NODES = (4000, 4000)
"""

DRAW = f"""
x = np.linspace(np.log(s.min()) - 10, np.log((mean**2).max()) + 10, NODES[0])
for nodes in NODES:                      # once to find the mass, once upon it
    p = log_density(x)
    inside = np.flatnonzero(p > p.max() - 40)
    x = np.linspace(x[max(inside[0] - 1, 0)], x[min(inside[-1] + 1, len(x) - 1)], nodes)
p = log_density(x)
p = np.exp(p - p.max())
cdf = np.concatenate([[0], np.cumsum(0.5 * (p[1:] + p[:-1]))])
rng = np.random.default_rng(1)
t = np.exp(np.interp(rng.random({DRAWS}) * cdf[-1], cdf, x))
shrinkage = t[:, None] / (t[:, None] + s[:{KEPT}])
sd = np.sqrt(shrinkage * s[:{KEPT}])
alpha = shrinkage * mean[:{KEPT}] + sd * rng.standard_normal(({DRAWS}, {KEPT}))
np.save(target, np.column_stack([t, alpha]))
"""


def write_stats(path, k):
    import numpy as np

    rng = np.random.default_rng(1)
    n = 2 + 5 * rng.integers(0, 20, k)
    mean = rng.standard_normal(k) + rng.standard_normal(k) * np.sqrt(NOISE / n)
    names = [f"table_{i // 7}.column_{i}_id" for i in range(k)]
    with open(path, "w") as file:
        file.write("fk,n,mean,sd\n")
        file.writelines(f"{f},{a},{m:.6f},10.05\n" for f, a, m in zip(names, n, mean))
    return names[:KEPT]


def seconds(command):
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main():
    binary = str(Path(sys.argv[1]).resolve())
    for k in map(int, sys.argv[2:] or ["100000"]):
        with tempfile.TemporaryDirectory(dir=".") as folder:
            stats = f"{folder}/stats.csv"
            keep = ",".join(f"alpha[{name}]" for name in write_stats(stats, k))
            ours = [binary, "fit", stats, "--sampler", "exact", "--noise", f"known={NOISE}",
                    "--chains", "4", "--draws", "1000", "--seed", "1", "--keep", keep,
                    "--out", f"{folder}/draws.arrow", "--quiet"]
            runs = [ours]
            for law in (PLAIN, GROUPED):
                program = READ + law + DRAW
                runs.append([sys.executable, "-c", program, stats, f"{folder}/draws.npy"])
            times = [[seconds(run) for run in runs] for _ in range(ROUNDS)]
            mine, plain, grouped = (statistics.median(column) for column in zip(*times))
            print(f"K = {k:,}: fkbayes {mine:.3f} s; numpy, all foreign keys: {plain:.3f} s, fkbayes "
                  f"{plain / mine:.1f} times as fast; by n: {grouped:.3f} s, {grouped / mine:.1f} times")


if __name__ == "__main__":
    main()
