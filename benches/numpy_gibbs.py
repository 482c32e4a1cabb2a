"""What other samplers yield: effective draws of sigma2_fk per second of CPU time of sampling.

Usage: python numpy_gibbs.py FKBAYES_BINARY [ROUNDS]

K = 50 foreign keys, n = 10 scores each, sigma2_obs = 101 known, sigma2_fk ~ IG(2, 1): weak data,
on which the plain alternation mixes slowly. The yardsticks are a short Gibbs sampler in numpy and
JAGS (where `jags` is installed), in its usual centred form. All run in turn, ROUNDS times (7), each
time with another seed. For each the median of the effective draws (bulk, arviz) counts and the least of
the seconds, which other load on the machine disturbs least.

Seconds are CPU time of the process for numpy; for JAGS that of its process less that of the same
without iterations; for `fkbayes fit` the wall-clock time of its sampling with one thread, which is
at least its CPU time. Needs numpy and arviz.
"""

import json
import resource
import shutil
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
JAGS_MODEL = f"""model {{
  for (k in 1:{K}) {{ mean[k] ~ dnorm(alpha[k], {N} / {NOISE}); alpha[k] ~ dnorm(0, tau) }}
  tau ~ dgamma({A0}, {B0})
  sigma2_fk <- 1 / tau
}}
"""


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


def bulk_ess(draws):
    return float(az.ess(draws, method="bulk"))


def numpy_rate(mean, seed):
    start = time.process_time()
    draws = np.stack([gibbs(mean, np.random.default_rng([seed, c])) for c in range(CHAINS)])
    seconds = time.process_time() - start
    return bulk_ess(draws), seconds, float(draws.mean())


def jags_seconds(folder, seed, warmup, draws):
    """CPU time of one JAGS process; its draws are left in the folder."""
    inits = "".join(
        f'parameters in "inits{c}.R", chain({c})\n' for c in range(1, CHAINS + 1))
    for c in range(1, CHAINS + 1):
        (folder / f"inits{c}.R").write_text(
            f'".RNG.name" <- "base::Mersenne-Twister"\n".RNG.seed" <- {seed * 100 + c}\n')
    (folder / "script").write_text(
        f'model in "model"\ndata in "data.R"\ncompile, nchains({CHAINS})\n{inits}initialize\n'
        f"update {warmup}\nmonitor sigma2_fk\nupdate {draws}\ncoda *\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["jags", "script"], cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def jags_rate(mean, seed):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model").write_text(JAGS_MODEL)
        (folder / "data.R").write_text(f'"mean" <- c({", ".join(map(repr, mean.tolist()))})\n')
        start = jags_seconds(folder, seed, 1, 1)
        seconds = jags_seconds(folder, seed, WARMUP, DRAWS) - start
        draws = np.stack([np.loadtxt(folder / f"CODAchain{c}.txt", usecols=1)
                          for c in range(1, CHAINS + 1)])
    return bulk_ess(draws), seconds, float(draws.mean())


def program_rate(binary, mean, seed, *extra):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "stats.csv"
        rows = [f"fk_{k:02d},{N},{m!r},{NOISE ** 0.5!r}" for k, m in enumerate(mean.tolist())]
        source.write_text("fk,n,mean,sd\n" + "\n".join(rows) + "\n")
        command = [binary, "fit", source, "--noise", f"known={NOISE:g}", "--a0", f"{A0:g}",
                   "--b0", f"{B0:g}", "--chains", CHAINS, "--warmup", WARMUP, "--draws", DRAWS,
                   "--threads", 1, "--seed", seed, "--no-draws", "--quiet", "--json", *extra]
        done = subprocess.run([str(c) for c in command], check=True, capture_output=True)
    answer = json.loads(done.stdout)
    found = next(p for p in answer["parameters"] if p["name"] == "sigma2_fk")
    return found["ess_bulk"], answer["sampler"]["seconds"], found["mean"]


def main():
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    binary = Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) == 3 else 7
    mean = np.random.default_rng(20261122).normal(0.0, np.sqrt(1 + NOISE / N), K)
    runs = {"numpy, plain alternation": lambda seed: numpy_rate(mean, seed)}
    if shutil.which("jags"):
        runs["JAGS"] = lambda seed: jags_rate(mean, seed)
    yardsticks = list(runs)
    for label, extra in [("fkbayes, --no-interweave", ["--no-interweave"]), ("fkbayes, default", []),
                         ("fkbayes, --sampler exact", ["--sampler", "exact"])]:
        runs[label] = lambda seed, extra=extra: program_rate(binary, mean, seed, *extra)
    found = {label: [] for label in runs}
    for seed in range(1, rounds + 1):
        for label, run in runs.items():
            ess, seconds, average = run(seed)
            found[label].append((ess, seconds, average))
    print(f"{CHAINS} chains of {DRAWS} draws after {WARMUP}; K={K}, n={N}, sigma2_obs={NOISE:g}, "
          f"IG({A0:g}, {B0:g}); {rounds} rounds")
    titles = "".join(f"{'x ' + name.split(',')[0]:>10}" for name in yardsticks)
    print(f"{'':28}{'ESS':>9}{'seconds':>9}{'ESS/s':>11}{'mean':>9}{titles}")
    rate = {}
    for label, rows in found.items():
        ess, seconds, average = np.array(rows).T
        rate[label] = np.median(ess) / seconds.min()
        ratios = "".join(f"{rate[label] / rate[name]:10.1f}" for name in yardsticks if name in rate)
        print(f"{label:28}{np.median(ess):9.0f}{seconds.min():9.3f}{rate[label]:11.0f}"
              f"{np.median(average):9.4f}{ratios}")


if __name__ == "__main__":
    main()
