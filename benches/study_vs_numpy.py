"""The yardstick: the accuracy study in numpy, vectorised over data sets, against `fkbayes study`.

Usage: python study_vs_numpy.py FKBAYES_BINARY [SHARE]

Both sides do 7 K x 3 n x 3 lambda x 1,000 data sets with default hyperpriors: full posterior on a grid
of log t through (count, sum of squared means), plug-in, correction to second order, ratio, coverage of
four intervals, risk, excess, and the full posterior's quantiles on 200 data sets per cell. numpy runs
SHARE of the data sets of each cell (default 0.25; widths likewise) and its time is scaled by 1/SHARE.
Prints seconds and their ratio, all of the same run: wall clock (numpy on one thread, the program on all
cores), and CPU time per thread, which a busy machine disturbs less. Compares a few figures too. Needs
numpy and scipy; set OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from scipy.special import ndtr

KS, NS, LAMBDAS = [2, 3, 5, 10, 20, 50, 100], [5, 20, 551], [1, 10, 101]
REPLICATES, WIDTHS, NODES, LIMIT = 1000, 200, 200, 1.6448536269514722


def posterior(k, s, sum_sq):
    """Nodes of t, and their probabilities by data set: 200 points that span all data sets."""
    def log_density(x):
        t = np.exp(x)
        prior = -0.5 * x - 0.5 * s / t
        return prior - 0.5 * (k * np.log(t + s) + sum_sq[:, None] / (t + s))
    wide = np.linspace(np.log(s) - 9, np.log(1 + sum_sq.max()) + 60 / (k + 1), 100)
    kept = np.any((log := log_density(wide)) > log.max(1, keepdims=True) - 30, axis=0)
    step = wide[1] - wide[0]
    x = np.linspace(wide[kept][0] - step, wide[kept][-1] + step, NODES)
    log = log_density(x)
    weight = np.exp(log - log.max(1, keepdims=True))
    return x, np.exp(x), weight / weight.sum(1, keepdims=True), log


def corrected(k, s, mean, sum_sq, x, log):
    """The expansion in log t at the mode of each data set, polished by Newton steps."""
    u = x[log.argmax(1)]
    for _ in range(4):
        b = 1 / (1 + s * np.exp(-u))
        e = sum_sq * b / np.exp(u)
        slope = -0.5 + 0.5 * s * np.exp(-u) - 0.5 * b * (k - e)
        second = -0.5 * s * np.exp(-u) - 0.5 * b * ((1 - b) * (k - e) + b * e)
        u = u - np.clip(slope / np.where(second < 0, second, -1), -0.5, 0.5)
    third = 0.5 * s * np.exp(-u) - 0.5 * b * ((1 - b) * (1 - 2 * b) * (k - e) + 3 * b * (1 - b) * e - b * b * e)
    w, q = -1 / second, b * (1 - b)
    flat = s * b + 0.5 * w * w * third * s * q + 0.5 * w * s * q * (1 - 2 * b)
    return flat[:, None] + (w * q * q)[:, None] * mean**2


def quantile(p, mean, shrink, sd, weight, start):
    """Newton's method for all FKs of some data sets at once."""
    z = {0.05: -LIMIT, 0.95: LIMIT}[p]
    a = start[0] + z * start[1]
    for _ in range(4):
        off = (a[..., None] - shrink * mean[..., None]) / sd
        below = (weight[:, None] * ndtr(off)).sum(-1)
        density = (weight[:, None] * np.exp(-0.5 * off * off) / sd).sum(-1) / np.sqrt(2 * np.pi)
        a = a - (below - p) / density
    return a


def cell(k, n, lam, replicates, rng):
    s = lam / n
    alpha = rng.standard_normal((replicates, k))
    mean = alpha + np.sqrt(s) * rng.standard_normal((replicates, k))
    sum_sq = (mean**2).sum(1)
    x, t, weight, log = posterior(k, s, sum_sq)
    shrink = t / (t + s)
    sd = np.sqrt(shrink * s)
    b = weight @ shrink
    spread = weight @ shrink**2 - b * b
    full = (s * b)[:, None] + spread[:, None] * mean**2
    hat = np.maximum(0, sum_sq / k - s)
    plug_b = hat / (hat + s)
    plug_v = (s * plug_b)[:, None]
    inside = (hat > 0)[:, None]
    center = b[:, None] * mean
    below = np.empty_like(mean)
    for j in range(k):
        below[:, j] = (weight * ndtr((alpha[:, j, None] - shrink * mean[:, j, None]) / sd)).sum(1)
    some = slice(0, max(1, WIDTHS * replicates // REPLICATES))
    start = (center[some], np.sqrt(full[some]))
    ends = [quantile(p, mean[some], shrink, sd, weight[some], start) for p in (0.05, 0.95)]
    second = corrected(k, s, mean, sum_sq, x, log)
    true_v = s / (1 + s)
    ratio = full[hat > 0] / plug_v[hat > 0]
    return {
        "ratio_q50": np.median(ratio) if ratio.size else None,
        "boundary_share": (hat == 0).mean(),
        "coverage_plugin": ((abs(alpha - plug_b[:, None] * mean) <= LIMIT * np.sqrt(plug_v)) & inside).mean(),
        "coverage_corrected": (abs(alpha - center) <= LIMIT * np.sqrt(np.maximum(second, 0))).mean(),
        "coverage_normal": (abs(alpha - center) <= LIMIT * np.sqrt(full)).mean(),
        "coverage_full": ((below >= 0.05) & (below <= 0.95)).mean(),
        "width_full": (ends[1] - ends[0]).mean(),
        "risk_plugin": ((alpha - plug_b[:, None] * mean) ** 2).mean() / true_v,
        "risk_full": ((alpha - center) ** 2).mean() / true_v,
        "k_excess": k * (full.mean() / true_v - 1),
    }


def program(binary, *extra):
    command = [binary, "study", "--seed", "1", "--quiet", "--json", *extra]
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run([str(c) for c in command], check=True, capture_output=True)
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return json.loads(done.stdout)["cells"], time.perf_counter() - start, cpu


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    binary = Path(sys.argv[1]).resolve()
    share = float(sys.argv[2]) if len(sys.argv) > 2 else 0.25
    cells, wall, _ = program(binary)
    _, _, program_cpu = program(binary, "--threads", "1")
    rng = np.random.default_rng(1)
    start, cpu = time.perf_counter(), time.process_time()
    found = {(k, n, lam): cell(k, n, lam, round(REPLICATES * share), rng)
             for k in KS for n in NS for lam in LAMBDAS}
    numpy_seconds = (time.perf_counter() - start) / share
    numpy_cpu = (time.process_time() - cpu) / share
    worst = {}
    for c in cells:
        mine = found[c["k"], c["n"], c["lambda"]]
        for name in ("coverage_plugin", "coverage_corrected", "coverage_normal", "coverage_full", "width_full"):
            if c.get(name) is not None:
                worst[name] = max(worst.get(name, 0), abs(c[name] - mine[name]))
    print("largest difference over cells:", {name: round(float(x), 3) for name, x in worst.items()})
    print(f"numpy, {share:g} of the data sets, scaled: {numpy_seconds:.1f} s wall, {numpy_cpu:.1f} s CPU")
    print(f"fkbayes study, all cores: {wall:.2f} s wall: {numpy_seconds / wall:.1f} times as fast")
    print(f"fkbayes study, one thread: {program_cpu:.2f} s CPU: {numpy_cpu / program_cpu:.1f} times as fast")


if __name__ == "__main__":
    main()
