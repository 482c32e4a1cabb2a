"""Reference values of the exact posterior where foreign keys have scales of their own.

Independent of the crate: the crate integrates the importances out in closed form and sums over the
scales; here the scales are integrated out in closed form and the importances numerically:

  per-FK noise   p(y_k | alpha, d0)  ~  d0^c0 (d0 + (SSW_k + n_k (ybar_k - alpha)^2)/2)^-(c0 + n_k/2)
                 log sigma2_k given alpha: mean log b - digamma(a), variance trigamma(a)
  Student-t      p(alpha | t, m)     =  t_nu density at (alpha - m)/sqrt(t)

Every integral (over alpha, log sigma2_fk, and log d0, log sigma2_obs or the location m) is composite
Gauss-Legendre in double precision, on panels that widen geometrically from each feature of the
integrand; probabilities have a panel that ends where they are asked for. Each case is computed twice,
with different orders and different panels; the largest relative disagreement is stored, and the script
stops where it exceeds 3e-10. The points at which probabilities are asked for were chosen by hand.

Doubles, not mpmath: three nested integrals take minutes as it is, and little is lost where all terms are
positive.

Usage: python own_scales.py            writes own_scales.json beside itself (ten minutes)
       python own_scales.py NAME...    prints these cases only
"""

import json
import multiprocessing
import platform
import sys
from pathlib import Path

import numpy as np
import scipy
from scipy.special import digamma, gammaln, polygamma

DATE = "2026-11-22"
TOLERANCE = 3e-10


# ---------------------------------------------------------------- cases


def fks(n, mean, sum_sq):
    return [{"n": a, "mean": m, "sum_sq": s} for a, m, s in zip(n, mean, sum_sq)]


def cases():
    three = fks([5, 20, 80], [1.9, -0.7, 0.4], [31.0, 420.0, 95.0])
    gaps = fks([1, 0, 12, 30], [2.1, 0.0, -0.8, 1.2], [0.0, 0.0, 55.0, 610.0])
    four = fks([4, 9, 25, 60], [3.1, 2.2, 2.6, 9.5], [0.0] * 4)
    ig, cauchy = {"ig": [2.0, 1.0]}, {"half_t": [1.0, 1.0]}
    points = {"t": [0.15, 0.6, 3.0], "second": [2.0, 5.0, 16.0]}
    half = {"t": [0.02, 1.0, 9.0], "second": [2.0, 5.0, 16.0]}
    return [
        {"name": "per_fk_ig", "fks": three, "c0": 1.0, "prior": ig, "points": points},
        {"name": "per_fk_half_cauchy", "fks": three, "c0": 2.5, "prior": cauchy,
         "points": half | {"second": [4.0, 12.0, 30.0]}},
        {"name": "per_fk_gaps_half_cauchy", "fks": gaps, "c0": 1.0, "prior": cauchy, "points": half},
        {"name": "per_fk_gaps_ig", "fks": gaps, "c0": 2.5, "prior": ig, "points": points},
        {"name": "t4_known", "fks": three, "nu": 4.0, "noise": 10.0, "prior": ig, "points": points},
        {"name": "t1_known_gaps", "fks": gaps, "nu": 1.0, "noise": 10.0, "prior": cauchy, "points": half},
        {"name": "t4_sampled", "fks": three, "nu": 4.0, "sampled": [0.0, 0.0], "prior": ig,
         "points": points | {"second": [4.2, 5.3, 7.0]}},
        {"name": "t1_sampled", "fks": gaps, "nu": 1.0, "sampled": [2.0, 30.0], "prior": cauchy,
         "points": half | {"second": [11.0, 16.0, 24.0]}},
        {"name": "t4_flat", "fks": four, "nu": 4.0, "noise": 4.0, "flat": True, "prior": ig,
         "points": points | {"second": [2.0, 3.0, 7.0]}},
        {"name": "t1_flat", "fks": four, "nu": 1.0, "noise": 4.0, "flat": True, "prior": cauchy,
         "points": half | {"second": [2.0, 2.8, 6.0]}},
    ]


# ---------------------------------------------------------------- panels


def legendre(breaks, order):
    """Nodes and weights on the panels between sorted breaks along the last axis."""
    x, w = np.polynomial.legendre.leggauss(order)
    low, high = breaks[..., :-1, None], breaks[..., 1:, None]
    nodes = (low + high) / 2 + (high - low) / 2 * x
    weights = (high - low) / 2 * w
    shape = (*breaks.shape[:-1], -1)
    return nodes.reshape(shape), weights.reshape(shape)


def line(center, unit, even, widest, ratio, order, cuts):
    """Panels of width `unit` up to `even` on both sides of a center, then widening up to `widest`."""
    steps = [0.0]
    while steps[-1] < widest:
        width = unit if steps[-1] < even else max(unit, (ratio - 1) * steps[-1])
        steps.append(steps[-1] + width)
    steps = np.array(steps)
    breaks = np.unique(np.concatenate([center - steps, center + steps, cuts]))
    return legendre(breaks, order)


# ---------------------------------------------------------------- one case


class Case:
    def __init__(self, spec):
        self.spec = spec
        self.nu, self.c0 = spec.get("nu"), spec.get("c0")
        self.flat, self.sampled = spec.get("flat", False), spec.get("sampled")
        self.one_dim = self.c0 is None and not self.flat and self.sampled is None
        self.k = len(spec["fks"])

    def log_prior(self, x):
        """log density of log t up to a constant."""
        if "ig" in self.spec["prior"]:
            a, b = self.spec["prior"]["ig"]
            return -a * x - b * np.exp(-x)
        nu, h = self.spec["prior"]["half_t"]
        return x / 2 - (nu + 1) / 2 * np.logaddexp(0, x - np.log(nu * h * h))

    def log_second(self, y):
        """What prior and within-FK spread say of the second axis (no scores' means)."""
        if self.sampled is None:
            return np.zeros_like(y)
        c0, d0 = self.sampled
        degrees = sum(max(f["n"] - 1, 0) for f in self.spec["fks"])
        scale = d0 + sum(f["sum_sq"] for f in self.spec["fks"]) / 2
        return -(c0 + degrees / 2) * y - scale * np.exp(-y)

    def alpha_density(self, fk, alpha, t, second):
        """p(alpha, scores of the FK | t, second) up to constants, and log b of its noise."""
        n, mean, ssw = fk["n"], fk["mean"], fk["sum_sq"]
        location = second if self.flat else 0.0
        z2 = (alpha - location) ** 2 / t
        if self.nu is None:
            prior = -z2 / 2 - np.log(2 * np.pi * t) / 2
        else:
            nu = self.nu
            prior = (gammaln((nu + 1) / 2) - gammaln(nu / 2) - np.log(nu * np.pi * t) / 2
                     - (nu + 1) / 2 * np.log1p(z2 / nu))
        if n == 0:
            return np.exp(prior), np.zeros_like(alpha)
        if self.c0 is not None:
            log_b = np.log(second + (ssw + n * (mean - alpha) ** 2) / 2)
            log_d = np.log(second + ssw / 2)  # the largest log_b, times its power, is in log_scale
            return np.exp(prior - (self.c0 + n / 2) * (log_b - log_d)), log_b
        noise = np.exp(second) if self.sampled is not None else self.spec["noise"]
        s = noise / n
        return np.exp(prior - (mean - alpha) ** 2 / (2 * s) - np.log(s) / 2), np.zeros_like(alpha)

    def log_scale(self, fk, second):
        """Factors of p(scores of the FK) that alpha_density leaves out."""
        n, ssw = fk["n"], fk["sum_sq"]
        if self.c0 is None or n == 0:
            return np.zeros_like(second)
        return self.c0 * np.log(second) - (self.c0 + n / 2) * np.log(second + ssw / 2)

    def breaks(self, fk, t, second, ratio, cuts):
        """Panels for alpha, per point of the plane."""
        n, mean, ssw = fk["n"], fk["mean"], fk["sum_sq"]
        location = second if self.flat else np.zeros_like(t)
        root = np.sqrt(t)
        octaves = 34 if n else 50
        steps = np.concatenate([[0.0], 0.5 * ratio ** np.arange(0, octaves / np.log2(ratio))])
        if n == 0:
            pass
        elif self.c0 is not None:
            width = np.sqrt((2 * second + ssw) / n)
        elif self.sampled is not None:
            width = np.sqrt(np.exp(second) / n)
        else:
            width = np.full_like(t, np.sqrt(self.spec["noise"] / n))
        parts = [location[:, None] + s * root[:, None] * steps for s in (-1, 1)]
        if n and self.nu is None:
            parts += [mean + s * width[:, None] * steps for s in (-1, 1)]
        # fine panels where a normal factor turns
        even = np.arange(1.0, 17, 1.0)
        if self.nu is None:
            low, high = location - 17 * root, location + 17 * root
            parts += [location[:, None] + s * root[:, None] * even for s in (-1, 1)]
        elif n:
            low, high = mean - 17 * width, mean + 17 * width
            parts += [mean + s * width[:, None] * even for s in (-1, 1)]
        else:
            reach = root * steps[-1]
            low, high = location - reach, location + reach
        parts += [np.broadcast_to(np.asarray(cuts, float), (len(t), len(cuts)))]
        points = np.sort(np.concatenate(parts, axis=1), axis=1)
        return np.clip(points, low[:, None], high[:, None])

    def inner(self, fk, t, second, ratio, order, cut):
        """log integral over alpha, moments of alpha and of log sigma2_k, P(alpha <= cut)."""
        out = [np.empty_like(t) for _ in range(6)]
        for start in range(0, len(t), 1500):
            part = slice(start, start + 1500)
            ts, ss = t[part], second[part]
            nodes, weights = legendre(self.breaks(fk, ts, ss, ratio, [cut]), order)
            density, log_b = self.alpha_density(fk, nodes, ts[:, None], ss[:, None])
            density = density * weights
            total = density.sum(axis=1)
            low = self.log_scale(fk, ss)
            with np.errstate(divide="ignore", invalid="ignore"):
                out[0][part] = np.log(total) + low
                values = (nodes, nodes**2, log_b, log_b**2, nodes <= cut)
                for slot, value in zip(out[1:], values):
                    slot[part] = np.where(total > 0, (density * value).sum(axis=1) / total, 0.0)
        return out


def solve_once(spec, variant):
    case = Case(spec)
    order, ratio, shift = ((14, 3.0, 0.0), (18, 2.5, 0.137))[variant]
    outer = (9, 11)[variant]
    points = spec["points"]
    at = [2.9, 2.3, 2.5, 9.3] if case.flat else [-0.5, 0.3, 1.1, 2.4]
    heavy = "half_t" in spec["prior"]
    xs, wx = line(shift, 0.5 - 0.3 * shift, 2.0, 90.0 if heavy else 45.0, 1.35,
                  outer + 4 * case.flat, np.log(points["t"]))
    if case.one_dim:
        ys, wy = np.zeros(1), np.ones(1)
    elif case.flat:
        # where t is small alpha is m: P(alpha <= cut) turns at m = cut
        ys, wy = line(2.6 + shift, 0.4, 20.0, 1e12, 1.7, outer, points["second"] + at)
    else:
        ys, wy = line(1.6 + shift, 0.4, 1.6, 34.0, 1.3, outer, np.log(points["second"]))
    x, y = (v.ravel() for v in np.meshgrid(xs, ys, indexing="ij"))
    w = np.outer(wx, wy).ravel()
    t = np.exp(x)
    second = np.exp(y) if case.c0 is not None else y
    # leave out what cannot count, by a coarse look
    log_prior = case.log_prior(x) + case.log_second(y)
    rough = log_prior + sum(case.inner(fk, t, second, 8.0, 3, 0.0)[0]
                            for fk in spec["fks"] if fk["n"])
    tail = (spec["prior"]["ig"][0] if not heavy else 0.5) + (
        sum(fk["n"] > 0 for fk in spec["fks"]) - case.flat) / 2
    growth = (2 if tail > 2 else 1) * np.maximum(x, 0)
    growth = growth + 2 * np.log1p(np.abs(y)) * case.flat
    rough = np.where(np.isfinite(rough), rough, -np.inf)
    keep = rough + growth + np.log(w) > np.max(rough + np.log(w)) - 38
    x, y, w, t, second, log_prior = (v[keep] for v in (x, y, w, t, second, log_prior))
    alphas = at[: case.k]
    inner = [case.inner(fk, t, second, ratio, order, cut) for fk, cut in zip(spec["fks"], alphas)]
    log_p = log_prior + np.log(w) + sum(i[0] for i, fk in zip(inner, spec["fks"]) if fk["n"])
    p = np.exp(log_p - log_p.max())
    p /= p.sum()

    out = {"t.cdf": [float(p[x <= np.log(c)].sum()) for c in points["t"]],
           "t.mean": float(p @ t) if tail > 1 else None,
           "t.sd": float(np.sqrt(p @ (t - p @ t) ** 2)) if tail > 2 else None}
    if case.flat:
        out["second.cdf"] = [float(p[y <= c].sum()) for c in points["second"]]
        mean = p @ y
        out["location.mean"], out["location.variance"] = float(mean), (
            float(p @ (y - mean) ** 2) if tail > 1 else None)
    elif not case.one_dim:
        out["second.cdf"] = [float(p[y <= np.log(c)].sum()) for c in points["second"]]
    for k, (fk, given) in enumerate(zip(spec["fks"], inner)):
        exists = fk["n"] > 0 or (tail > 1 and (case.nu is None or case.nu > 2))
        mean = p @ given[1]
        variance = p @ (given[2] - given[1] ** 2 + (given[1] - mean) ** 2)
        if fk["n"] == 0 and exists:
            variance = p @ t * (1 if case.nu is None else case.nu / (case.nu - 2))
        out[f"alpha.{k}.mean"] = float(mean) if fk["n"] else 0.0
        out[f"alpha.{k}.variance"] = float(variance) if exists else None
        out[f"alpha.{k}.at"] = alphas[k]
        out[f"alpha.{k}.cdf"] = float(p @ given[5])
        if case.c0 is not None and fk["n"]:
            a = case.c0 + fk["n"] / 2
            mean = p @ given[3]
            spread = p @ (given[4] - given[3] ** 2 + (given[3] - mean) ** 2)
            out[f"noise.{k}.mean"] = float(mean - digamma(a))
            out[f"noise.{k}.variance"] = float(spread + polygamma(1, a))
    return out, len(p)


def disagreement(one, other):
    worst = (0.0, "")
    for name, value in one.items():
        if value is None or name.endswith(".at"):
            continue
        a, b = np.atleast_1d(value), np.atleast_1d(other[name])
        scale = np.abs(a)
        if name.endswith(".mean") and name.startswith(("alpha", "location")):
            scale = np.maximum(scale, 1e-2)
        gap = np.max(np.abs(a - b) / np.where(scale > 0, scale, 1))
        worst = max(worst, (float(gap), name))
    return worst


def solve(spec):
    values, count = solve_once(spec, 1)
    other, _ = solve_once(spec, 0)
    worst, where = disagreement(values, other)
    print(f"{spec['name']:26} {count:7} points, largest disagreement {worst:.1e} ({where})", flush=True)
    if not worst <= TOLERANCE:
        print("   OVER", flush=True)
        if "--force" not in sys.argv:
            raise SystemExit(1)
    return spec | {"values": values, "largest_disagreement": worst}


def main():
    chosen = [a for a in sys.argv[1:] if not a.startswith("--")]
    # the longest ones first
    wanted = [spec for spec in reversed(cases()) if not chosen or spec["name"] in chosen]
    with multiprocessing.Pool(2) as pool:
        solved = pool.map(solve, wanted, chunksize=1)[::-1]
    if chosen:
        print(json.dumps([s["values"] for s in solved], indent=1))
        return
    document = {
        "generated_by": "own_scales.py",
        "date": DATE,
        "tools": {"python": platform.python_version(), "numpy": np.__version__,
                  "scipy": scipy.__version__},
        "notes": "values: t is sigma2_fk, second is d0, sigma2_obs or the location; cdf at the points "
                 "given; noise.k is log sigma2_obs,k; null: the moment does not exist",
        "cases": solved,
    }
    target = Path(__file__).with_suffix(".json")
    target.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
