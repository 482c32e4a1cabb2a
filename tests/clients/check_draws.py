"""Outside client: do Python readers see in the draws what the program says is in them?

Usage: python check_draws.py FKBAYES_BINARY WORKDIR

Runs the binary on real and simulated scores, reads its draws with pyarrow, pandas, polars and
duckdb, recomputes every diagnostic with arviz 0.23 and compares. Last line: `N passed, M failed`.
"""

import csv
import json
import math
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

warnings.simplefilter("ignore")
import arviz as az  # noqa: E402
from tally import Tally  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
F1 = ROOT / "examples" / "data" / "f1.csv"
TOLERANCE = 1e-6  # relative: JSON against a recomputation in another language
HAS_023 = az.__version__.startswith("0.23.")
if HAS_023:
    from arviz.stats.diagnostics import _rhat, _split_chains, _z_scale


# ------------------------------------------------------------------ bookkeeping


TALLY = Tally()


def section(function):
    """One section must not take the others down with it: an exception is a failed check."""

    def guarded(*args):
        try:
            return function(*args)
        except Exception as error:  # noqa: BLE001
            TALLY.check(function.__name__, f"{type(error).__name__}: {error}")
            return None

    return guarded


class Program:
    def __init__(self, binary, work):
        self.binary, self.work = Path(binary).resolve(), Path(work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)

    def run(self, *args, stdin=None):
        command = [str(self.binary), *map(str, args)]
        done = subprocess.run(command, input=stdin, capture_output=True, cwd=self.work, timeout=900)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}, stderr: "
                               + done.stderr.decode(errors="replace")[-600:])
        return json.loads(done.stdout, parse_constant=no_constant)

    def fit(self, *args, stdin=None):
        return self.run("fit", *args, "--json", stdin=stdin)


def no_constant(text):
    raise ValueError(f"{text} is no JSON number")


def close(a, b, tolerance=TOLERANCE):
    return a == b or abs(a - b) <= tolerance * max(abs(a), abs(b))


def differences(a, b, path="", tolerance=0.0):
    """Paths at which two JSON documents differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys()):
            if key not in a or key not in b:
                yield f"{path}.{key}: only in the {'second' if key not in a else 'first'}"
            else:
                yield from differences(a[key], b[key], f"{path}.{key}", tolerance)
    elif isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            yield f"{path}: {len(a)} against {len(b)} items"
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{path}[{i}]", tolerance)
    elif is_number(a) and is_number(b):
        if not close(a, b, tolerance):
            yield f"{path}: {a!r} against {b!r}"
    elif a != b or isinstance(a, bool) != isinstance(b, bool):
        yield f"{path}: {a!r} against {b!r}"


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# ------------------------------------------------------------------ inputs and draws


def read_scores(path):
    with open(path, newline="") as file:
        return pd.DataFrame([(row["fk"], float(row["score"])) for row in csv.DictReader(file)],
                            columns=["fk", "score"])


def read_arrow(path):
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def matrix(table, name, chains):
    """One column as chain x draw (rows are ordered by chain, then draw)."""
    return np.asarray(table.column(name).combine_chunks()).reshape(chains, -1)


def fk_statistics(scores):
    """[(name, n, mean, sum of squares)] in the order of first appearance."""
    out = []
    for name, group in scores.groupby("fk", sort=False)["score"]:
        values = group.to_numpy(float)
        mean = math.fsum(values) / len(values)
        out.append((str(name), len(values), mean, math.fsum((values - mean) ** 2)))
    return out


# ------------------------------------------------------------------ the draws file


def check_layout(label, table, middle, names, chains, draws):
    """Names, order, types, nulls and row order of a wide draws file."""
    alphas = [f"alpha[{name}]" for name in names]
    expected = ["chain", "draw", "sigma2_fk", *middle, "log_density", *alphas]
    found = table.column_names
    TALLY.check(f"{label}: columns and their order",
                [] if found == expected else [f"found    {found}", f"expected {expected}"])
    wrong = []
    for field in table.schema:
        want = pa.uint32() if field.name in ("chain", "draw") else pa.float64()
        if field.type != want:
            wrong.append(f"{field.name}: {field.type}, expected {want}")
        if field.nullable:
            wrong.append(f"{field.name}: declared nullable")
        if table.column(field.name).null_count:
            wrong.append(f"{field.name}: holds nulls")
    TALLY.check(f"{label}: types, non-null", wrong)
    wrong = []
    for field in table.schema:
        if pa.types.is_floating(field.type):
            if not np.isfinite(np.asarray(table.column(field.name).combine_chunks())).all():
                wrong.append(f"{field.name}: a value is not finite")
    TALLY.check(f"{label}: finite values", wrong)
    check_rows(label, table, chains, draws)


def check_rows(label, table, chains, draws):
    if table.num_rows != chains * draws:
        TALLY.check(f"{label}: rows", f"{table.num_rows} rows, expected {chains} x {draws}")
        return
    chain, draw = (np.asarray(table.column(c).combine_chunks()) for c in ("chain", "draw"))
    wrong = []
    if not np.array_equal(chain, np.repeat(np.arange(chains), draws)):
        wrong.append("column chain is not 0,..,0,1,..,1,...")
    if not np.array_equal(draw, np.tile(np.arange(draws), chains)):
        wrong.append("column draw is not 0..draws-1 in every chain")
    TALLY.check(f"{label}: rows ordered by chain, then draw", wrong)


def leaves(node, path=()):
    """Every (path, scalar) of a JSON document."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from leaves(value, (*path, i))
    else:
        yield path, node


def sublists(node):
    if isinstance(node, list):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from sublists(child)


def document(schema):
    raw = (schema.metadata or {}).get(b"fkbayes")
    if raw is None:
        raise ValueError(f"no schema metadata key `fkbayes`; keys: {list(schema.metadata or {})}")
    return json.loads(raw, parse_constant=no_constant)


def holds(values, wanted):
    return any(is_number(v) and close(v, wanted, 1e-9) for v in values)


def check_metadata(label, schema, seed, stats, chains, draws):
    """The JSON document parses and holds seed, settings, per-FK n, mean and sum of squares."""
    doc = document(schema)
    flat = list(leaves(doc))
    wrong = []
    for key, value in (("seed", seed), ("chains", chains), ("draws", draws)):
        if not any(path and path[-1] == key and found == value for path, found in flat):
            wrong.append(f"no `{key}` = {value} in {json.dumps(doc)[:300]}")
    if not any("version" in str(path[-1]) for path, _ in flat if path):
        wrong.append("no format or crate version")
    TALLY.check(f"{label}: metadata holds seed and settings", wrong)

    candidates = [entries for entries in sublists(doc)
                  if len(entries) == len(stats) and all(isinstance(e, dict) for e in entries)]
    complaints = [f"no list of {len(stats)} objects in {list(doc)}"]
    for entries in candidates:
        complaints = []
        for entry, (name, n, mean, sum_sq) in zip(entries, stats):
            values = [v for _, v in leaves(entry)]
            if name not in values:
                complaints.append(f"{name}: name not in {entry}")
            for what, number in (("n", n), ("mean", mean), ("sum of squares", sum_sq)):
                if not holds(values, number):
                    complaints.append(f"{name}: {what} {number!r} not in {entry}")
        if not complaints:
            break
    TALLY.check(f"{label}: metadata holds n, mean, sum of squares of every FK", complaints)

    banned = re.compile(r"second|elapsed|clock|timestamp|date|thread|checkpoint|host", re.I)
    TALLY.check(f"{label}: metadata holds nothing of the run's circumstances",
                [f"key {'.'.join(map(str, path))}" for path, _ in flat
                 if any(banned.search(str(part)) for part in path if isinstance(part, str))])


def check_data(label, answer, stats):
    data = answer["data"]
    wrong = []
    if [f["fk"] for f in data["fks"]] != [s[0] for s in stats]:
        wrong.append(f"FKs {[f['fk'] for f in data['fks']]}")
    for found, (name, n, mean, sum_sq) in zip(data["fks"], stats):
        sd = math.sqrt(sum_sq / (n - 1)) if n > 1 else None
        if found["n"] != n:
            wrong.append(f"{name}: n {found['n']}, expected {n}")
        for key, value in (("mean", mean), ("sd", sd)):
            same = found[key] is None if value is None else (
                found[key] is not None and close(found[key], value, 1e-9))
            if not same:
                wrong.append(f"{name}: {key} {found[key]}, expected {value}")
    if data["n_total"] != sum(s[1] for s in stats):
        wrong.append(f"n_total {data['n_total']}")
    if data["k"] != len(stats):
        wrong.append(f"k {data['k']}")
    TALLY.check(f"{label}: JSON data against pandas", wrong)


# ------------------------------------------------------------------ parameters


def power_of_two(x):
    """Draws brought to a range near 1, exactly: arviz takes a range below 1e-15 as constant."""
    spread = float(np.max(x) - np.min(x))
    return np.ldexp(x, -math.frexp(spread)[1]) if spread > 0 else x


def r_hat(x):
    """Rank-normalised split R-hat; folded about the median of the whole sample, then split."""
    folded = np.abs(x - np.median(x))
    return max(_rhat(_z_scale(_split_chains(part))) for part in (x, folded))


def recompute(x):
    flat = x.ravel()
    q5, q50, q95 = np.quantile(flat, [0.05, 0.5, 0.95])  # type 7
    out = {"mean": math.fsum(flat) / flat.size, "sd": float(np.std(flat, ddof=1)),
           "q5": q5, "q50": q50, "q95": q95}
    if HAS_023:
        y = power_of_two(x)
        scale = out["sd"] / np.std(y, ddof=1)
        out |= {"ess_bulk": az.ess(y, method="bulk"), "ess_tail": az.ess(y, method="tail"),
                "mcse_mean": scale * az.mcse(y, method="mean"),
                "mcse_sd": scale * az.mcse(y, method="sd"), "r_hat": r_hat(y)}
        if x.shape[0] > 1 and x.shape[1] % 2 == 0:  # where the conventions agree: the public one
            public = float(az.rhat(y))
            if not close(public, out["r_hat"], 1e-12):
                raise AssertionError(f"arviz.rhat {public} against its pieces {out['r_hat']}")
    return {key: float(value) for key, value in out.items()}


# order of the moment of the posterior that a figure stands on
MOMENT = {"mean": 1, "sd": 2, "mcse_mean": 2, "mcse_sd": 4}


def may_be_null(name, key, constant, tail):
    """Only where it is undefined: a constant column, or a moment of sigma2_fk that is infinite."""
    if constant:
        return True
    return name == "sigma2_fk" and key in MOMENT and tail <= MOMENT[key]


def check_parameters(label, answer, table, chains, tail, columns=None):
    """`tail`: E[sigma2_fk^r | y] exists exactly for r < tail."""
    columns = columns or {c: matrix(table, c, chains) for c in table.column_names
                          if c not in ("chain", "draw")}
    listed = {p["name"]: p for p in answer["parameters"]}
    wrong = [f"{name}: no such column" for name in listed if name not in columns]
    wrong += [f"{name}: a column, but not among the parameters" for name in columns
              if name not in listed and name != "log_density"]
    if len(listed) != len(answer["parameters"]):
        wrong.append("a name occurs twice")
    TALLY.check(f"{label}: parameters are the columns", wrong)
    wrong, worst = [], 0.0
    for name, found in listed.items():
        if name not in columns:
            continue
        x = columns[name]
        constant = bool(np.all(x == x.flat[0]))
        expected = recompute(x) if not constant else {"mean": float(x.flat[0])}
        for key, value in expected.items():
            if key not in found:
                wrong.append(f"{name}.{key}: missing")
            elif found[key] is None:
                if not may_be_null(name, key, constant, tail):
                    wrong.append(f"{name}.{key}: null, recomputed {value!r}")
            elif not is_number(found[key]):
                wrong.append(f"{name}.{key}: {found[key]!r} is no number")
            else:
                scale = max(abs(value), abs(found[key]))
                if key in ("mean", "q5", "q50", "q95") and not constant:
                    # a location near zero has no relative error worth the name
                    scale = max(scale, 1e-6 * float(np.std(x)))
                gap = abs(found[key] - value) / scale if scale else 0.0
                worst = max(worst, gap)
                if gap > TOLERANCE:
                    wrong.append(f"{name}.{key}: {found[key]!r}, recomputed {value!r} ({gap:.1e})")
    TALLY.check(f"{label}: parameters recomputed with numpy and arviz "
                f"(largest relative difference {worst:.1e})", wrong)


def tail_order(answer):
    """a0 + K'/2 from the effective model in the JSON; K' counts the FKs with scores."""
    used = sum(1 for f in answer["data"]["fks"] if f["n"] is None or f["n"] > 0)
    text = str(answer["model"]["hyperprior"])
    if "ig" in text:
        return float(re.search(r"ig\D*?([-+.\deE]+)", text).group(1)) + used / 2
    if "half-t" in text:
        return float(re.search(r"half-t\D*?([.\deE]+)", text).group(1)) / 2 + used / 2
    return (0.5 if "cauchy" in text else -0.5) + used / 2


def check_schema(label, answer, subcommand, seed):
    wrong = []
    if answer.get("schema") != f"fkbayes.{subcommand}/1":
        wrong.append(f"schema {answer.get('schema')!r}")
    for key in ("model", "data", "sampler", "parameters", "plugin", "variance", "ranking",
                "diagnostics", "exact", "next_step", "draws_file"):
        if key not in answer:
            wrong.append(f"no `{key}`")
    if answer.get("sampler", {}).get("seed") != seed:
        wrong.append(f"sampler.seed {answer.get('sampler', {}).get('seed')!r}, expected {seed}")
    TALLY.check(f"{label}: shared pieces of the JSON", wrong)


def check_lambda(label, table, sigma2_obs):
    found = np.asarray(table.column("lambda").combine_chunks())
    expected = sigma2_obs / np.asarray(table.column("sigma2_fk").combine_chunks())
    gap = float(np.max(np.abs(found / expected - 1)))
    TALLY.check(f"{label}: lambda = sigma2_obs / sigma2_fk", [] if gap < 1e-12 else f"off by {gap:.1e}")


# ------------------------------------------------------------------ sections, one per promise


@section
def common_run(program):
    """(a) real scores, pooled noise: layout, metadata, parameters, readers, summary."""
    scores = read_scores(F1)
    stats = fk_statistics(scores)
    out = program.work / "f1.arrow"
    answer = program.fit(F1, "--noise", "pooled", "--seed", 1, "--out", out)
    table = read_arrow(out)
    check_schema("f1", answer, "fit", 1)
    check_layout("f1", table, ["lambda"], [s[0] for s in stats], 4, 2500)
    check_metadata("f1", table.schema, 1, stats, 4, 2500)
    check_data("f1", answer, stats)
    pooled = sum(s[3] for s in stats) / (sum(s[1] for s in stats) - len(stats))
    TALLY.check("f1: pooled noise is SSW/(N - K')",
                [] if close(answer["data"]["sigma2_obs"], pooled, 1e-9)
                else f"{answer['data']['sigma2_obs']!r}, expected {pooled!r}")
    check_lambda("f1", table, answer["data"]["sigma2_obs"])
    check_parameters("f1", answer, table, 4, tail_order(answer))
    return answer, table, out


@section
def summary_run(program, answer, out):
    """(h) the draws file alone gives the same record."""
    again = program.run("summary", out, "--json")
    check_schema("summary", again, "summary", 1)
    TALLY.check("summary: sampler.seconds is null",
                [] if again["sampler"].get("seconds", 0) is None else f"{again['sampler'].get('seconds')!r}")

    def stripped(doc):
        rest = {k: v for k, v in doc.items() if k not in ("schema", "draws_file")}
        return rest | {"sampler": {k: v for k, v in doc["sampler"].items() if k != "seconds"}}

    TALLY.check("summary: equals fit's record", differences(stripped(answer), stripped(again)))


@section
def slow_run(program):
    """(b) the bare alternation on weak data: long autocorrelations."""
    rng = np.random.default_rng(20261122)
    source = program.work / "slow.csv"
    means = rng.normal(0.0, math.sqrt(1 + 10.1), 50)
    sds = np.sqrt(101 * rng.chisquare(9, 50) / 9)
    rows = [f"fk_{k:02d},10,{m!r},{s!r}" for k, (m, s) in enumerate(zip(means.tolist(), sds.tolist()))]
    source.write_text("fk,n,mean,sd\n" + "\n".join(rows) + "\n")
    stats = [(f"fk_{k:02d}", 10, m, 9 * s * s) for k, (m, s) in enumerate(zip(means, sds))]
    out = program.work / "slow.arrow"
    answer = program.fit(source, "--noise", "known=101", "--a0", 2, "--b0", 1, "--no-interweave",
                         "--seed", 2, "--draws", 2500, "--out", out)
    table = read_arrow(out)
    check_layout("slow chain", table, ["lambda"], [s[0] for s in stats], 4, 2500)
    check_metadata("slow chain", table.schema, 2, stats, 4, 2500)
    check_data("slow chain", answer, stats)
    check_lambda("slow chain", table, 101.0)
    check_parameters("slow chain", answer, table, 4, 2 + 25)
    ess = next(p for p in answer["parameters"] if p["name"] == "sigma2_fk")["ess_bulk"]
    TALLY.check("slow chain: is slow (0.03 effective draws per draw, so the check has teeth)",
                [] if 20 < ess < 2000 else f"ess_bulk of sigma2_fk {ess}")


@section
def odd_run(program):
    """(c) an odd number of draws."""
    out = program.work / "odd.arrow"
    answer = program.fit(F1, "--noise", "pooled", "--seed", 1, "--draws", 1001, "--out", out)
    table = read_arrow(out)
    check_rows("odd draws", table, 4, 1001)
    check_parameters("odd draws", answer, table, 4, tail_order(answer))


@section
def single_run(program):
    """(d) one chain: R-hat from its halves."""
    out = program.work / "single.arrow"
    answer = program.fit(F1, "--noise", "pooled", "--seed", 4, "--chains", 1, "--out", out)
    table = read_arrow(out)
    check_rows("one chain", table, 1, 2500)
    check_parameters("one chain", answer, table, 1, tail_order(answer))


@section
def parquet_run(program, answer, table):
    """(e) Parquet holds the same values as Arrow."""
    out = program.work / "f1.parquet"
    again = program.fit(F1, "--noise", "pooled", "--seed", 1, "--out", out)
    other = pq.read_table(out)
    wrong = []
    if other.column_names != table.column_names:
        wrong.append(f"columns {other.column_names}")
    for name in table.column_names:
        if name in other.column_names and not table.column(name).combine_chunks().equals(
                other.column(name).combine_chunks()):
            wrong.append(f"{name}: type {other.schema.field(name).type}, values differ from Arrow's")
        if name in other.column_names and other.schema.field(name).nullable:
            wrong.append(f"{name}: declared nullable")
    TALLY.check("parquet: same columns, types and values as Arrow", wrong)
    TALLY.check("parquet: same metadata document", differences(document(table.schema), document(other.schema)))
    TALLY.check("parquet: same JSON parameters", differences(answer["parameters"], again["parameters"]))
    return out


@section
def list_run(program, answer, table):
    """(f) --layout list: one column of fixed-size lists, names in its field metadata."""
    names = [f["fk"] for f in answer["data"]["fks"]]
    for ending, read in (("arrow", read_arrow), ("parquet", pq.read_table)):
        out = program.work / f"list.{ending}"
        again = program.fit(F1, "--noise", "pooled", "--seed", 1, "--layout", "list", "--out", out)
        other = read(out)
        expected = [c for c in table.column_names if not c.startswith("alpha[")] + ["alpha"]
        TALLY.check(f"list.{ending}: columns",
                    [] if other.column_names == expected else f"{other.column_names}")
        field = other.schema.field("alpha")
        wrong = []
        if not pa.types.is_fixed_size_list(field.type):
            wrong.append(f"type {field.type}")
        elif field.type.list_size != len(names) or field.type.value_type != pa.float64():
            wrong.append(f"type {field.type}, expected {len(names)} doubles")
        if field.nullable:
            wrong.append("alpha: declared nullable")
        texts = [v.decode() for v in (field.metadata or {}).values()]
        if not any(names_in(text) == names for text in texts):
            wrong.append(f"FK names not in the field metadata {field.metadata}")
        TALLY.check(f"list.{ending}: FixedSizeList with FK names", wrong)
        values = np.asarray(other.column("alpha").combine_chunks().flatten()).reshape(-1, len(names))
        wide = np.column_stack([np.asarray(table.column(f"alpha[{n}]").combine_chunks()) for n in names])
        TALLY.check(f"list.{ending}: same values as wide",
                    [] if np.array_equal(values, wide) else "alpha differs")
        TALLY.check(f"list.{ending}: same JSON parameters",
                    differences(answer["parameters"], again["parameters"]))
    frame = feather.read_table(program.work / "list.arrow")
    TALLY.check("list.arrow: summary reads it", differences(
        answer["parameters"], program.run("summary", program.work / "list.arrow", "--json")["parameters"]))
    TALLY.check("list.arrow: feather reads it", [] if frame.num_rows == table.num_rows else "rows")


def names_in(text):
    """FK names from a metadata value: a JSON list, or one name a line, or separated by commas."""
    try:
        value = json.loads(text)
        return value if isinstance(value, list) else None
    except ValueError:
        return text.split("\n") if "\n" in text else text.split(",")


@section
def readers(table, arrow_file, parquet_file):
    """(g) Polars and DuckDB."""
    import duckdb
    import polars as pl

    mean = float(np.mean(np.asarray(table.column("sigma2_fk").combine_chunks())))

    def compare(name, rows, found):
        wrong = [] if rows == table.num_rows else [f"{rows} rows, expected {table.num_rows}"]
        wrong += [] if close(found, mean, 1e-12) else [f"mean {found!r}, expected {mean!r}"]
        TALLY.check(name, wrong)

    frame = pl.read_ipc(arrow_file)
    compare("polars: Arrow file", frame.height, frame["sigma2_fk"].mean())
    frame = pl.scan_ipc(arrow_file).select(pl.len(), pl.col("sigma2_fk").mean()).collect()
    compare("polars: Arrow file, lazily", frame[0, 0], frame[0, 1])
    frame = pl.read_parquet(parquet_file)
    compare("polars: Parquet file", frame.height, frame["sigma2_fk"].mean())
    connection = duckdb.connect()
    connection.register("draws", table)
    compare("duckdb: pyarrow table", *connection.execute(
        "SELECT count(*), avg(sigma2_fk) FROM draws").fetchone())
    compare("duckdb: Parquet file", *connection.execute(
        "SELECT count(*), avg(sigma2_fk) FROM read_parquet(?)", [str(parquet_file)]).fetchone())
    frame = pd.read_feather(arrow_file)
    compare("pandas: Arrow file", len(frame), frame["sigma2_fk"].mean())


@section
def noise_runs(program):
    """Columns under sampled and per-FK noise, and a posterior whose sd does not exist."""
    scores = read_scores(F1)
    names = [s[0] for s in fk_statistics(scores)]
    short = ("--draws", 500, "--chains", 2)
    out = program.work / "sampled.arrow"
    answer = program.fit(F1, "--noise", "sampled", "--seed", 5, *short, "--out", out)
    table = read_arrow(out)
    check_layout("sampled noise", table, ["sigma2_obs", "lambda"], names, 2, 500)
    check_lambda("sampled noise", table, np.asarray(table.column("sigma2_obs").combine_chunks()))
    check_parameters("sampled noise", answer, table, 2, tail_order(answer))
    TALLY.check("sampled noise: data.sigma2_obs is null",
                [] if answer["data"]["sigma2_obs"] is None else f"{answer['data']['sigma2_obs']}")

    # Left to itself the program gives these scores a noise variance per FK, and says why.
    out = program.work / "auto.arrow"
    answer = program.fit(F1, "--seed", 5, *short, "--out", out)
    table = read_arrow(out)
    own = [f"sigma2_obs[{name}]" for name in names]
    check_layout("noise of each FK", table, [*own, "d0"], names, 2, 500)
    check_parameters("noise of each FK", answer, table, 2, tail_order(answer))
    choice = answer["noise_choice"]
    TALLY.check("noise of each FK: the choice and its figures",
                [] if choice["chosen"] == "per-fk" and choice["log_bayes_factor"] > 1000
                and 27 < choice["sd_ratio"] < 29 else f"{choice}")
    stored = json.loads(table.schema.metadata[b"fkbayes"])
    TALLY.check("noise of each FK: the figures are in the metadata",
                [] if stored["noise_log_bayes_factor"] == choice["log_bayes_factor"]
                and stored["model"]["noise"] == "per-fk" else f"{stored}")

    out = program.work / "heavy.arrow"
    answer = program.fit(F1, "--importance", "student-t=4", "--location", "flat", "--noise", "sampled",
                         "--seed", 5, *short, "--out", out)
    table = read_arrow(out)
    check_layout("heavy tails", table, ["sigma2_obs", "lambda", "location"], names, 2, 500)
    check_parameters("heavy tails", answer, table, 2, tail_order(answer) - 0.5)

    out = program.work / "per_fk.arrow"
    answer = program.fit(F1, "--noise", "per-fk=fixed", "--seed", 5, *short, "--out", out)
    table = read_arrow(out)
    # Known noise is no parameter, and lambda needs a noise common to all.
    check_layout("per-FK noise", table, [], names, 2, 500)
    check_parameters("per-FK noise", answer, table, 2, tail_order(answer))

    source = program.work / "three.csv"
    source.write_text("fk,n,mean,sd\na,5,-1.766835,4.5\nb,20,-2.877395,4.4\nc,80,0.674512,4.6\n")
    out = program.work / "three.arrow"
    answer = program.fit(source, "--noise", "known=20", "--a0", 0.5, "--b0", 1, "--seed", 6,
                         *short, "--out", out)
    check_parameters("three FKs", answer, read_arrow(out), 2, 0.5 + 1.5)
    found = next(p for p in answer["parameters"] if p["name"] == "sigma2_fk")
    TALLY.check("three FKs: sd, mcse_mean, mcse_sd of sigma2_fk are null under IG(1/2, .)",
                [f"{key} = {found[key]}" for key in ("sd", "mcse_mean", "mcse_sd") if found[key] is not None])
    exact = answer["exact"]
    TALLY.check("three FKs: exact mean exists, exact sd is null",
                [] if exact and exact["sigma2_fk"]["mean"] is not None and exact["sigma2_fk"]["sd"] is None
                else f"{exact and exact['sigma2_fk']}")


@section
def same_bytes(program, arrow_file):
    """(i) the same seed gives the same bytes, whatever the number of threads."""
    first = arrow_file.read_bytes()
    for label, extra in (("again", ()), ("threads 1", ("--threads", 1)), ("threads 2", ("--threads", 2))):
        out = program.work / f"bytes_{label.replace(' ', '_')}.arrow"
        program.fit(F1, "--noise", "pooled", "--seed", 1, "--out", out, *extra)
        other = out.read_bytes()
        where = next((i for i, (a, b) in enumerate(zip(first, other)) if a != b), min(len(first), len(other)))
        TALLY.check(f"same bytes: {label}", [] if first == other else
                    f"{len(first)} and {len(other)} bytes, first difference at {where}")
    out = program.work / "bytes_seed.arrow"
    program.fit(F1, "--noise", "pooled", "--seed", 99, "--out", out)
    TALLY.check("another seed gives other draws",
                [] if not read_arrow(out).column("sigma2_fk").equals(read_arrow(arrow_file).column("sigma2_fk"))
                else "the draws are the same")


def write_ipc(path, table, stream):
    opener = pa.ipc.new_stream if stream else pa.ipc.new_file
    with pa.OSFile(str(path), "wb") as sink, opener(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=500)


@section
def inputs(program):
    """(j) the same scores in every format give the same data."""
    short = ("--noise", "pooled", "--seed", 3, "--chains", 1, "--warmup", 50, "--draws", 50, "--no-draws")
    work = program.work
    scores = read_scores(F1)
    reference = program.fit(F1, *short)["data"]

    def same(label, *args, against=None, tolerance=0.0, stdin=None):
        def body(program):
            found = program.fit(*args, *short, stdin=stdin)["data"]
            TALLY.check(f"input: {label}", differences(against or reference, found, "data", tolerance))
        body.__name__ = f"input: {label}"
        section(body)(program)

    scores.to_csv(work / "long.tsv", sep="\t", index=False)
    same("TSV", work / "long.tsv")
    (work / "named_csv.dat").write_bytes((work / "long.tsv").read_bytes())
    same("TSV without a telling name", work / "named_csv.dat")
    same("standard input", "-", stdin=F1.read_bytes())
    scores.to_parquet(work / "pandas.parquet", index=False)
    same("Parquet written by pandas", work / "pandas.parquet")
    scores.rename(columns={"fk": "key", "score": "drop"}).to_parquet(work / "renamed.parquet", index=False)
    same("renamed columns", work / "renamed.parquet", "--fk-column", "key", "--score-column", "drop")

    plain = pa.table({"fk": pa.array(scores["fk"].tolist(), pa.string()),
                      "score": pa.array(scores["score"].to_numpy())})
    variants = {
        "string": plain,
        "dictionary": plain.set_column(0, "fk", plain["fk"].dictionary_encode()),
        "large_string": plain.set_column(0, "fk", plain["fk"].cast(pa.large_string())),
        "non-null schema": plain.cast(pa.schema([pa.field("fk", pa.string(), False),
                                                 pa.field("score", pa.float64(), False)])),
    }
    for name, table in variants.items():
        stem = name.replace(" ", "_")
        pq.write_table(table, work / f"{stem}.parquet", row_group_size=700)
        same(f"Parquet, {name}", work / f"{stem}.parquet")
        for stream in (False, True):
            path = work / f"{stem}.{'arrows' if stream else 'arrow'}"
            write_ipc(path, table, stream)
            same(f"Arrow IPC {'stream' if stream else 'file'}, {name}", path)
    for codec in ("snappy", "zstd"):
        pq.write_table(plain, work / f"{codec}.parquet", compression=codec)
        same(f"Parquet, {codec}", work / f"{codec}.parquet")

    # integers: names and scores
    codes = pd.factorize(scores["fk"])[0] + 10
    whole = np.round(scores["score"].to_numpy() * 1e6).astype(np.int64)
    pd.DataFrame({"fk": codes, "score": whole}).to_csv(work / "integers.csv", index=False)
    integers = program.fit(work / "integers.csv", *short)["data"]
    for kind in (pa.int64(), pa.int32()):
        table = pa.table({"fk": pa.array(codes, kind), "score": pa.array(whole, kind)})
        pq.write_table(table, work / f"{kind}.parquet")
        same(f"Parquet, {kind} columns", work / f"{kind}.parquet", against=integers)
        write_ipc(work / f"{kind}.arrows", table, True)
        same(f"Arrow IPC stream, {kind} columns", work / f"{kind}.arrows", against=integers)

    # wide: one column per FK, blanks at the end of the shorter ones
    columns = {name: group.to_numpy() for name, group in scores.groupby("fk", sort=False)["score"]}
    wide = pd.DataFrame({name: pd.Series(values) for name, values in columns.items()})
    wide.to_csv(work / "wide.csv", index=False)
    same("wide CSV", work / "wide.csv", "--wide")
    wide.to_csv(work / "wide.tsv", index=False, sep="\t")
    same("wide TSV", work / "wide.tsv", "--wide")
    shortest = min(len(values) for values in columns.values())
    head = wide.head(shortest)
    head.to_csv(work / "head.csv", index=False)
    reference_head = program.fit(work / "head.csv", "--wide", *short)["data"]
    head.to_parquet(work / "head.parquet", index=False)
    same("wide Parquet", work / "head.parquet", "--wide", against=reference_head)
    write_ipc(work / "head.arrow", pa.Table.from_pandas(head, preserve_index=False), False)
    same("wide Arrow IPC file", work / "head.arrow", "--wide", against=reference_head)

    # several inputs are concatenated
    half = len(scores) // 2
    scores.iloc[:half].to_csv(work / "part1.csv", index=False)
    scores.iloc[half:].to_parquet(work / "part2.parquet", index=False)
    same("two inputs, CSV and Parquet", work / "part1.csv", work / "part2.parquet", tolerance=1e-12)


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    program = Program(sys.argv[1], sys.argv[2])
    print(f"arviz {az.__version__}, pyarrow {pa.__version__}, pandas {pd.__version__}, numpy {np.__version__}")
    if not HAS_023:
        print("diagnostics are not recomputed: this arviz is not 0.23")
    common = common_run(program)
    if common:
        answer, table, arrow_file = common
        summary_run(program, answer, arrow_file)
        parquet_file = parquet_run(program, answer, table)
        list_run(program, answer, table)
        if parquet_file:
            readers(table, arrow_file, parquet_file)
        same_bytes(program, arrow_file)
    slow_run(program)
    odd_run(program)
    single_run(program)
    noise_runs(program)
    inputs(program)
    print(f"{TALLY.passed} passed, {TALLY.failed} failed")
    raise SystemExit(1 if TALLY.failed else 0)


if __name__ == "__main__":
    main()
