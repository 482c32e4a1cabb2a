"""Reference values of the exact posterior, by high-precision quadrature.

Independent of the crate: mpmath, 40 digits, the trapezoidal rule on log sigma2_fk (times
log sigma2_obs when the noise is sampled). For an integrand analytic in a strip around the real
line and falling off exponentially, the trapezoidal rule converges geometrically in 1/step.
Every value is computed a second time by composite Gauss-Legendre quadrature, at another
precision, over another range; the largest disagreement is stored with each case and the script
stops when it exceeds 1e-12.

Model: y_ki ~ N(alpha_k, sigma2_obs), alpha_k ~ N(0, sigma2_fk), sigma2_fk ~ IG(a0, b0); noise
known, or sampled with density sigma2_obs^-(c0+1) exp(-d0/sigma2_obs).

Usage: python exact_posterior.py            writes exact_posterior.json beside itself (minutes)
       python exact_posterior.py NAME...    prints these cases only
"""

import json
import platform
import sys
from pathlib import Path

import mpmath
import numpy as np
import scipy
from mpmath import mp, mpf
from scipy.optimize import brentq
from scipy.special import ndtr

DATE = "2026-11-22"
DIGITS = 40  # of the values; the second route uses 32
CUT = 85  # logs below the peak at which an integrand is cut off (e^-85 = 1e-37)
TOLERANCE = 1e-12
LEVELS = (("q5", "0.05"), ("q50", "0.5"), ("q95", "0.95"))


# ---------------------------------------------------------------- cases


def drawn(n, sigma2_obs, sigma2_fk, seed):
    """Means y_k ~ N(0, sigma2_fk + sigma2_obs/n_k) from a seed, rounded to six digits."""
    n = np.asarray(n)
    rng = np.random.default_rng(seed)
    z = rng.standard_normal(len(n))
    return [f"{v:.6f}" for v in z * np.sqrt(sigma2_fk + sigma2_obs / n)]


def known(name, n, mean, sigma2_obs, a0, b0):
    fks = [{"n": int(a), "mean": m} for a, m in zip(n, mean)]
    return {"name": name, "prior": {"a0": a0, "b0": b0}, "fks": fks,
            "noise": {"kind": "known", "sigma2_obs": sigma2_obs}}


def sampled(name, n, mean, sum_sq, c0, d0, a0, b0):
    fks = [{"n": int(a), "mean": m, "sum_sq": s} for a, m, s in zip(n, mean, sum_sq)]
    return {"name": name, "prior": {"a0": a0, "b0": b0}, "fks": fks,
            "noise": {"kind": "sampled", "c0": c0, "d0": d0}}


def cases():
    k3 = [5, 20, 80]
    y3 = drawn(k3, 20, 1, 101)
    n4, y4 = [3, 5, 8, 2], drawn([3, 5, 8, 2], 20, 4, 104)
    ssw4 = ["35.120000", "91.400000", "118.750000", "9.880000"]
    ten = [10] * 50
    return [
        known("k3_ig_2_1", k3, y3, "20", "2", "1"),
        known("k3_ig_half_1", k3, y3, "20", "0.5", "1"),
        known("k3_ig_vague", k3, y3, "20", "0.001", "0.001"),
        known("k9_n551", [551] * 9, drawn([551] * 9, 101, 1, 109), "101", "2", "1"),
        known("k50_n10", ten, drawn(ten, 101, 1, 150), "101", "1", "1"),
        # one foreign key never permuted, one towering over the others
        known("f1_like", [0, 12, 551, 30], [None, "0.812345", "25.104700", "-0.640210"],
              "101", "0.5", "1.683333"),
        # three precise means near zero and one noisy mean far out: log sigma2_fk has two modes
        known("two_modes", [551, 551, 551, 1],
              ["0.200000", "-0.150000", "0.100000", "62.000000"], "101", "0.5", "0.05"),
        sampled("k4_sampled_flat", n4, y4, ssw4, "0", "0", "2", "1"),
        sampled("k4_sampled_ig_2_30", n4, y4, ssw4, "2", "30", "2", "1"),
    ]


# ---------------------------------------------------------------- the density


class Case:
    """Numbers of one case, as mpf, and its log density over (log sigma2_fk, log sigma2_obs)."""

    def __init__(self, spec):
        self.spec = spec
        self.a0, self.b0 = mpf(spec["prior"]["a0"]), mpf(spec["prior"]["b0"])
        self.n = [f["n"] for f in spec["fks"]]
        self.y = [mpf(f["mean"]) if f["n"] else mpf(0) for f in spec["fks"]]
        noise = spec["noise"]
        self.two_dim = noise["kind"] == "sampled"
        self.used = [k for k, n in enumerate(self.n) if n > 0]
        groups = {}
        for k in self.used:
            count, sum_y2 = groups.get(self.n[k], (0, mpf(0)))
            groups[self.n[k]] = (count + 1, sum_y2 + self.y[k] ** 2)
        self.groups = [(n, c, s) for n, (c, s) in sorted(groups.items())]
        if self.two_dim:
            self.c0, self.d0 = mpf(noise["c0"]), mpf(noise["d0"])
            self.ssw = sum(mpf(f["sum_sq"]) for f in spec["fks"])
            self.df = sum(self.n) - len(self.used)
            self.noise = self.ssw / self.df  # what the plug-in takes as known
        else:
            self.noise = mpf(noise["sigma2_obs"])
        self.tail = float(self.a0) + len(self.used) / 2  # p(log t) ~ t^-tail on the right

    def log_density(self, x, z=None):
        """log p(x, z | y) + const, both Jacobians included; mpf in, mpf out."""
        t = mp.exp(x)
        s2 = self.noise if z is None else mp.exp(z)
        f = -self.a0 * x - self.b0 / t
        for n, count, sum_y2 in self.groups:
            v = t + s2 / n
            f -= (count * mp.log(v) + sum_y2 / v) / 2
        if z is not None:
            f -= (self.c0 + mpf(self.df) / 2) * z + (self.d0 + self.ssw / 2) / s2
        return f

    def log_density_float(self, x, z=None):
        """The same in doubles, broadcasting: only to find ranges and starting points."""
        x = np.asarray(x, float)
        with np.errstate(over="ignore"):
            t = np.exp(x)
            s2 = float(self.noise) if z is None else np.exp(z)
            f = -float(self.a0) * x - float(self.b0) / t
            for n, count, sum_y2 in self.groups:
                v = t + s2 / n
                f = f - (count * np.log(v) + float(sum_y2) / v) / 2
            if z is not None:
                f = f - (float(self.c0) + self.df / 2) * z - float(self.d0 + self.ssw / 2) / s2
        return f

    def moments(self):
        """Orders r of E[sigma2_fk^r | y] that exist: r < a0 + K'/2."""
        return [r for r in (1, 2) if r < self.tail]


def ranges(case):
    """Where some integrand (density times sigma2_fk^r, sigma2_obs^r) is above the cut."""
    x = np.arange(-60.0, 420.0, 0.25)
    orders = [0, *case.moments()]
    if not case.two_dim:
        f = case.log_density_float(x)
        keep = np.zeros(len(x), bool)
        for r in orders:
            g = f + r * x
            keep |= g > g.max() - CUT
        x = x[keep]
        return (x[0] - 0.5, x[-1] + 0.5), None
    x = x[x < 120]
    z = np.arange(-20.0, 60.0, 0.25)
    f = case.log_density_float(x[:, None], z[None, :])
    keep = np.zeros(f.shape, bool)
    for r, q in [(r, 0) for r in orders] + [(0, 1), (0, 2)]:
        g = f + r * x[:, None] + q * z[None, :]
        keep |= g > g.max() - CUT
    ix, iz = np.where(keep.any(1))[0], np.where(keep.any(0))[0]
    return (x[ix[0]] - 0.5, x[ix[-1]] + 0.5), (z[iz[0]] - 0.5, z[iz[-1]] + 0.5)


# ---------------------------------------------------------------- nodes


class Nodes:
    """Quadrature nodes (x, z) with normalised weights; tiny ones are dropped."""

    def __init__(self, case, points):
        rows = []  # (log weight, x, z)
        for x, z, log_w in points:
            rows.append((case.log_density(x, z) + log_w, x, z))
        top = max(r[0] for r in rows)
        # a node matters if its weight, or weight x sigma2^2, is not negligible
        peak = {r: max(f + r * x for f, x, _ in rows) for r in [0, *case.moments()]}
        peak_z = {q: max(f + q * z for f, _, z in rows) for q in (1, 2)} if case.two_dim else {}
        kept = [(f, x, z) for f, x, z in rows
                if any(f + r * x > p - CUT for r, p in peak.items())
                or any(f + q * z > p - CUT for q, p in peak_z.items())]
        w = [mp.exp(f - top) for f, _, _ in kept]
        total = mp.fsum(w)
        self.case, self.log_norm = case, top + mp.log(total)
        self.w = [v / total for v in w]
        self.x = [x for _, x, _ in kept]
        self.z = [z for _, _, z in kept]
        self.t = [mp.exp(x) for x in self.x]
        self.s2 = [mp.exp(z) if z is not None else case.noise for z in self.z]

    def mean(self, values):
        return mp.fsum(w * v for w, v in zip(self.w, values))

    def mean_var(self, values):
        values = list(values)
        m = self.mean(values)
        return m, mp.fsum(w * (v - m) ** 2 for w, v in zip(self.w, values))

    def conditional(self, k):
        """(B_k, mu_k, V_k) at every node."""
        n, y = self.case.n[k], self.case.y[k]
        if n == 0:
            return [mpf(0)] * len(self.t), [mpf(0)] * len(self.t), self.t
        shrink = [t / (t + s2 / n) for t, s2 in zip(self.t, self.s2)]
        return shrink, [b * y for b in shrink], [b * s2 / n for b, s2 in zip(shrink, self.s2)]

    def alpha_cdf(self, k, light=mpf(10) ** -30):
        """The distribution function of alpha_k and its density, as functions of q."""
        _, mu, var = self.conditional(k)
        rows = [(w, m, mp.sqrt(v)) for w, m, v in zip(self.w, mu, var) if w > light]

        def cdf(q):
            return mp.fsum(w * mp.erfc((m - q) / (s * mp.sqrt(2))) for w, m, s in rows) / 2

        def pdf(q):
            return mp.fsum(w * mp.npdf((q - m) / s) / s for w, m, s in rows)

        return cdf, pdf, rows


def lattice(case, step):
    """The trapezoidal rule: a lattice over the range."""
    xr, zr = ranges(case)
    xs = steps(xr, step)
    if zr is None:
        return Nodes(case, [(x, None, mpf(0)) for x in xs])
    return Nodes(case, prefilter(case, [(x, z, mpf(0)) for x in xs for z in steps(zr, step)]))


def prefilter(case, points):
    """Drop, in doubles, points that cannot matter (a margin of 20 logs is left)."""
    x = np.array([float(p[0]) for p in points])
    z = np.array([float(p[1]) for p in points])
    f = case.log_density_float(x, z)
    keep = np.zeros(len(x), bool)
    for r, q in [(r, 0) for r in [0, *case.moments()]] + [(0, 1), (0, 2)]:
        g = f + r * x + q * z
        keep |= g > g.max() - CUT - 20
    return [p for p, k in zip(points, keep) if k]


def gauss_legendre(degree):
    """Nodes and weights on [-1, 1], polished from numpy's by Newton steps."""
    out = []
    for start in np.polynomial.legendre.leggauss(degree)[0]:
        x = mpf(float(start))
        for _ in range(5):
            p0, p1 = mpf(1), x
            for j in range(2, degree + 1):
                p0, p1 = p1, ((2 * j - 1) * x * p1 - (j - 1) * p0) / j
            slope = degree * (x * p1 - p0) / (x * x - 1)
            x -= p1 / slope
        out.append((x, 2 / ((1 - x * x) * slope**2)))
    return out


def panels(lo, hi, width, degree, breaks=()):
    """Composite Gauss-Legendre over [lo, hi], panels also ending at the breaks."""
    edges = {mpf(lo), mpf(hi), *(mpf(b) for b in breaks)}
    count = int((hi - lo) / width) + 1
    edges |= {mpf(lo) + (mpf(hi) - mpf(lo)) * i / count for i in range(count)}
    edges = sorted(edges)
    rule = gauss_legendre(degree)
    for a, b in zip(edges, edges[1:]):
        half, mid = (b - a) / 2, (a + b) / 2
        for u, w in rule:
            yield mid + half * u, w * half


# ---------------------------------------------------------------- quantiles of the variances


def routes(case):
    """(name, outer range, inner range, (outer, inner) -> (x, z), (x, z) -> outer) per variance."""
    xr, zr = ranges(case)
    differences = (float(zr[0]) - float(xr[1]), float(zr[1]) - float(xr[0]))
    return [("sigma2_fk", xr, zr, lambda u, v: (u, v), lambda x, z: x),
            ("sigma2_obs", zr, xr, lambda u, v: (v, u), lambda x, z: z),
            ("lambda", differences, xr, lambda u, v: (v, u + v), lambda x, z: z - x)]


def steps(bounds, step, shift=mpf(0)):
    step = mpf(step)
    return [step * i + shift for i in range(int(bounds[0] / step), int(bounds[1] / step) + 1)]


def marginal_lattice(case, route, step):
    """Normalised weights of one log variance on a lattice of its own.

    Interpolation needs half the step that integration needs, so the outer lattice is finer.
    """
    _, outer, inner, place, coordinate = route
    vs = steps(inner, mpf(1) / 7)
    points = [(*place(u, v), mpf(0)) for u in steps(outer, step) for v in vs]
    nodes = Nodes(case, prefilter(case, points))
    sums = {}
    for w, x, z in zip(nodes.w, nodes.x, nodes.z):
        i = int(mp.nint(coordinate(x, z) / step))
        sums[i] = sums.get(i, mpf(0)) + w
    return [(i * mpf(step), w) for i, w in sums.items() if w > mpf(10) ** -34]


def lattice_quantile(rows, step, p):
    """Quantile by sinc interpolation of a band-limited density: its integral is a sum of Si."""
    step = mpf(step)

    def cdf(u):
        return mp.fsum(w * (mpf(1) / 2 + mp.si(mp.pi * (u - v) / step) / mp.pi) for v, w in rows)

    def pdf(u):
        return mp.fsum(w * mp.sincpi((u - v) / step) for v, w in rows) / step

    ordered = sorted(rows)
    below = np.cumsum([float(w) for _, w in ordered])
    u = ordered[int(np.searchsorted(below, float(p)))][0]
    for _ in range(60):
        move = (cdf(u) - p) / pdf(u)
        move = max(-step, min(step, move))
        u -= move
        if abs(move) < mpf(10) ** -28:
            return u
    raise RuntimeError("the quantile did not settle")


def alpha_quantile(cdf, pdf, rows, p):
    w, m, s = (np.array([float(r[i]) for r in rows]) for i in range(3))
    spread = 60 * s.max()
    start = brentq(lambda q: w @ ndtr((q - m) / s) - float(p),
                   m.min() - spread, m.max() + spread, xtol=1e-14)
    q = mpf(float(start))
    for _ in range(12):
        move = (cdf(q) - p) / pdf(q)
        q -= move
        if abs(move) < mpf(10) ** -27 * max(1, abs(q)):
            return q
    raise RuntimeError("the quantile did not settle")


# ---------------------------------------------------------------- everything about one case


def moments_of(nodes):
    """Every expectation (no quantile) by one set of nodes, as a flat dict of mpf."""
    case, out = nodes.case, {}
    orders = case.moments()
    if 1 in orders:
        mean, var = nodes.mean_var(nodes.t) if 2 in orders else (nodes.mean(nodes.t), None)
        out["sigma2_fk.mean"] = mean
        if var is not None:
            out["sigma2_fk.sd"] = mp.sqrt(var)
    mean, var = nodes.mean_var(nodes.x)
    out["log_sigma2_fk.mean"], out["log_sigma2_fk.sd"] = mean, mp.sqrt(var)
    if case.two_dim:
        mean, var = nodes.mean_var(nodes.s2)
        out["sigma2_obs.mean"], out["sigma2_obs.sd"] = mean, mp.sqrt(var)
    for k, n in enumerate(case.n):
        shrink, mu, var = nodes.conditional(k)
        mean, of_mean = nodes.mean_var(mu)
        out[f"alpha.{k}.mean"] = mean
        out[f"alpha.{k}.expected_shrinkage"] = nodes.mean(shrink)
        out[f"alpha.{k}.variance_of_mean"] = of_mean
        if n > 0 or 1 in orders:
            within = nodes.mean(var)
            out[f"alpha.{k}.expected_conditional"] = within
            out[f"alpha.{k}.variance"] = within + of_mean
        cdf, _, _ = nodes.alpha_cdf(k)
        out[f"alpha.{k}.p_positive"] = 1 - cdf(mpf(0))
    return out


def quantiles_of(nodes, step):
    case, out = nodes.case, {}
    if case.two_dim:
        fine = mpf(1) / 18
        for route in routes(case):
            rows = marginal_lattice(case, route, fine)
            for label, p in LEVELS:
                out[f"{route[0]}.{label}"] = mp.exp(lattice_quantile(rows, fine, mpf(p)))
    else:
        rows = [(x, w) for x, w in zip(nodes.x, nodes.w) if w > mpf(10) ** -34]
        for label, p in LEVELS:
            out[f"sigma2_fk.{label}"] = mp.exp(lattice_quantile(rows, step, mpf(p)))
        for label, other in (("q5", "q95"), ("q50", "q50"), ("q95", "q5")):
            out[f"lambda.{label}"] = case.noise / out[f"sigma2_fk.{other}"]  # falls as t rises
    for k in range(len(case.n)):
        cdf, pdf, rows = nodes.alpha_cdf(k)
        for label, p in LEVELS:
            out[f"alpha.{k}.{label}"] = (mpf(0) if case.n[k] == 0 and label == "q50"
                                         else alpha_quantile(cdf, pdf, rows, mpf(p)))
    return out


def check(case, values):
    """Largest relative disagreement between `values` and the second route."""
    (x0, x1), zr = ranges(case)
    worst = (mpf(0), "")

    def note(name, gap):
        nonlocal worst
        worst = max(worst, (abs(gap), name))

    # expectations, and distribution functions at the quantiles of alpha
    if case.two_dim:
        zs = steps(zr, mpf(1) / 8, mpf("0.0371"))
        xs = [(x, mp.log(w)) for x, w in panels(x0 - 0.3, x1 + 0.7, 0.5, 14)]
        points = prefilter(case, [(x, z, w) for x, w in xs for z in zs])
    else:
        points = [(x, None, mp.log(w)) for x, w in panels(x0 - 0.3, x1 + 0.7, 0.5, 24)]
    nodes = Nodes(case, points)
    other = moments_of(nodes)
    for name, value in other.items():
        first, scale = values[name], abs(values[name])
        if name.startswith("alpha") and name.endswith(".mean"):  # against its sd, not itself
            scale = max(scale, mp.sqrt(abs(values.get(name[:-4] + "variance", mpf(1)))))
        note(name, (value - first) / scale if scale else value - first)
    for k in range(len(case.n)):
        cdf, pdf, _ = nodes.alpha_cdf(k)
        for label, p in LEVELS:
            q = values[f"alpha.{k}.{label}"]
            note(f"alpha.{k}.{label}", (cdf(q) - mpf(p)) / pdf(q) / (abs(q) or 1))
    # quantiles of the variances: panels that end at the quantile
    if not case.two_dim:
        for label, p in LEVELS:
            u = mp.log(values[f"sigma2_fk.{label}"])
            total = below = mpf(0)
            for x, w in panels(x0 - 0.3, x1 + 0.7, 0.5, 24, [u]):
                f = w * mp.exp(case.log_density(x) - nodes.log_norm)
                total += f
                below += f if x < u else 0
            slope = mp.exp(case.log_density(u) - nodes.log_norm)
            note(f"sigma2_fk.{label}", (below / total - mpf(p)) / slope)
        return worst
    step = mpf(1) / 8
    for name, outer, inner, place, coordinate in routes(case):
        vs = steps(inner, step, mpf("0.0371"))
        cuts = [mp.log(values[f"{name}.{label}"]) for label, _ in LEVELS]
        us = list(panels(outer[0], outer[1], 0.4, 14, cuts))
        points = [(*place(u, v), mp.log(w)) for u, w in us for v in vs]
        whole = Nodes(case, prefilter(case, points))
        where = [coordinate(x, z) for x, z in zip(whole.x, whole.z)]
        for (label, p), cut in zip(LEVELS, cuts):
            below = mp.fsum(w for w, u in zip(whole.w, where) if u < cut)
            slope = step * mp.fsum(mp.exp(case.log_density(*place(cut, v)) - nodes_norm(whole, step))
                                   for v in vs)
            note(f"{name}.{label}", (below - mpf(p)) / slope)
    return worst


def nodes_norm(nodes, step):
    """log of the integral: the lattice of the inner coordinate carries no weight of its own."""
    return nodes.log_norm + mp.log(step)


def plugin(case):
    """Maximum marginal likelihood over t >= 0: every local maximum, then the highest."""

    def value(t):
        return -mp.fsum(c * mp.log(t + case.noise / n) + s / (t + case.noise / n)
                        for n, c, s in case.groups) / 2

    def slope(t):
        return -mp.fsum(c / (t + case.noise / n) - s / (t + case.noise / n) ** 2
                        for n, c, s in case.groups) / 2

    largest = max(s / c for _, c, s in case.groups)
    grid = [mpf(0)] + [largest * mp.exp(-mpf(i) / 20) for i in range(900, -1, -1)]
    found = [mpf(0)] if slope(mpf(0)) <= 0 else []
    signs = [slope(t) for t in grid]
    for a, b, fa, fb in zip(grid, grid[1:], signs, signs[1:]):
        if fa > 0 >= fb:
            found.append(mp.findroot(slope, (a, b), solver="anderson", tol=mpf(10) ** -60)
                         if fb != 0 else b)
    best = max(found, key=value)
    groups = [(best + case.noise / n, c) for n, c, _ in case.groups]
    se = mp.sqrt(2 / mp.fsum(c / v**2 for v, c in groups))
    noise = [case.noise / n if n else None for n in case.n]
    return {"sigma2_fk": best, "se": se, "at_boundary": best == 0, "sigma2_obs": case.noise,
            "local_maxima": sorted(found),
            "conditional_variance": [best * s / (best + s) if s is not None else best for s in noise],
            "conditional_mean": [best / (best + s) * y if s is not None else mpf(0)
                                 for s, y in zip(noise, case.y)]}


def modes(case):
    """Modes of log sigma2_fk (known noise only), in doubles: for information."""
    if case.two_dim:
        return None
    x = np.linspace(-12, 14, 26001)
    f = case.log_density_float(x)
    inner = np.where((f[1:-1] > f[:-2]) & (f[1:-1] >= f[2:]))[0] + 1
    return [round(float(x[i]), 3) for i in inner]


def nested(values, case):
    def get(name):
        return float(values[name]) if name in values else None

    def block(name, keys):
        return {key: get(f"{name}.{key}") for key in keys}

    five = ("mean", "sd", "q5", "q50", "q95")
    alpha_keys = ("mean", "variance", "expected_conditional", "variance_of_mean",
                  "expected_shrinkage", "q5", "q50", "q95", "p_positive")
    return {
        "sigma2_fk": block("sigma2_fk", five),
        "log_sigma2_fk": block("log_sigma2_fk", ("mean", "sd")),
        "sigma2_obs": block("sigma2_obs", five) if case.two_dim else None,
        "lambda": block("lambda", ("q5", "q50", "q95")),
        "alpha": [block(f"alpha.{k}", alpha_keys) for k in range(len(case.n))],
    }


def solve(spec):
    mp.dps = DIGITS
    case = Case(spec)
    step = mpf(1) / 9 if case.two_dim else mpf(1) / 20
    nodes = lattice(case, step)
    values = moments_of(nodes) | quantiles_of(nodes, step)
    plug = plugin(case)
    mp.dps = 32
    worst, where = check(Case(spec), values)
    mp.dps = DIGITS
    numbers = {k: ([float(u) for u in v] if isinstance(v, list) else
                   v if isinstance(v, bool) else float(v)) for k, v in plug.items()}
    print(f"{spec['name']:20} nodes {len(nodes.w):6}  largest disagreement {float(worst):.1e} ({where})",
          flush=True)
    if worst > TOLERANCE:
        raise SystemExit(f"{spec['name']}: the two routes disagree by {float(worst):.2e} in {where}")
    return spec | {"modes_of_log_sigma2_fk": modes(case), "exact": nested(values, case),
                   "plugin": numbers, "largest_disagreement": float(worst)}


def main():
    chosen = sys.argv[1:]
    solved = [solve(spec) for spec in cases() if not chosen or spec["name"] in chosen]
    if chosen:
        print(json.dumps(solved, indent=1))
        return
    document = {
        "generated_by": "exact_posterior.py",
        "date": DATE,
        "tools": {"python": platform.python_version(), "mpmath": mpmath.__version__,
                  "numpy": np.__version__, "scipy": scipy.__version__,
                  "digits": DIGITS},
        "notes": "Inputs are decimal strings, to be parsed as they stand; values are doubles, "
                 "relative error below 1e-12 (largest_disagreement: between two quadratures); "
                 "null: the moment does not exist, or the quantity is no parameter. plugin.se is "
                 "sqrt(2 / sum v_k^-2) at the maximum, of no use at the boundary; "
                 "plugin.sigma2_obs is SSW/(N - K') where the noise is sampled.",
        "cases": solved,
    }
    target = Path(__file__).with_suffix(".json")
    target.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
