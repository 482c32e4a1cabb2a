"""Outside client: do the examples for Python and R run, and do they see what the program says?

Usage: python check_examples.py FKBAYES_BINARY WORKDIR      needs Rscript with posterior and bayesplot

Runs every script of examples/python and examples/r on draws of real scores, looks at the files they
write, and compares their figures with `fkbayes summary --json` on the same draws; then reads the
tables that `simulate`, `study` and `--format csv` give. Last line: `N passed, M failed`.
"""

import io
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow.feather as feather
import pyarrow.parquet as pq
from check_draws import F1, ROOT, TALLY, Program, close, section

PYTHON, R = ROOT / "examples" / "python", ROOT / "examples" / "r"
sys.path.insert(0, str(PYTHON))
sys.dont_write_bytecode = True
FIRST, SECOND = "results.driverId", "races.year"


def script(program, *command):
    """Runs a script with the program on its path."""
    environment = os.environ | {
        "PATH": f"{program.binary.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run([str(word) for word in command], cwd=program.work, env=environment,
                          capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: exit code {done.returncode}: {done.stderr[-800:]}")


def check_picture(path):
    import matplotlib.image

    pixels = matplotlib.image.imread(path)
    drawn = float(np.mean(np.any(pixels[..., :3] < 0.9, axis=-1)))
    TALLY.check(f"picture {path.parent.name}/{path.name}", [] if drawn > 0.002 else f"{drawn:.2%} is drawn on")


def check_figures(name, found, answer, names):
    """A table with parameters as index against the JSON's parameters, column by column."""
    wrong = [] if set(found.index) == {p["name"] for p in answer["parameters"]} else ["other parameters"]
    for parameter in answer["parameters"]:
        for theirs, ours in names.items():
            a, b = float(found.loc[parameter["name"], theirs]), parameter[ours]
            if not close(a, b):
                wrong.append(f"{parameter['name']} {theirs}: {a!r}, expected {b!r}")
    TALLY.check(name, wrong)


@section
def trees(program):
    """Every layout and format is the same DataTree."""
    from fkbayes_draws import read_draws

    answers = {}
    for layout in ("wide", "list"):
        for ending in ("arrow", "parquet"):
            out = f"{layout}.{ending}"
            program.fit(F1, "--seed", 1, "--layout", layout, "--out", out)
            answers[out] = read_draws(program.work / out)
    first = answers["wide.arrow"]
    names = [fk["fk"] for fk in program.run("summary", "wide.arrow", "--json")["data"]["fks"]]
    sizes = dict(first.posterior.sizes)
    TALLY.check("DataTree: dimensions", [] if sizes == {"chain": 4, "draw": 2500, "fk": 11} else f"{sizes}")
    TALLY.check("DataTree: foreign keys", [] if list(first.posterior.fk.values) == names else "differ")
    for out, tree in answers.items():
        TALLY.check(f"DataTree: {out} is wide.arrow",
                    [] if tree.to_dataset().equals(first.to_dataset()) and tree.posterior.equals(first.posterior)
                    and tree.sample_stats.equals(first.sample_stats) else "values differ")


@section
def plots(program):
    """plot_draws.py: pictures, and ArviZ's summary against ours."""
    folder = program.work / "python"
    folder.mkdir(exist_ok=True)
    script(program, sys.executable, PYTHON / "plot_draws.py", "wide.arrow", folder)
    for name in ("forest", "rank", "trace"):
        check_picture(folder / f"{name}.png")
    found = pd.read_csv(folder / "summary.csv", index_col=0)
    answer = program.run("summary", "wide.arrow", "--json")
    answer["parameters"] = [p for p in answer["parameters"] if p["name"] != "log_density"]
    found["sd"] *= np.sqrt(10_000 / 9_999)  # ArviZ 0.8 divides by the number of draws, we by one less
    check_figures("ArviZ 0.8: summary", found, answer, {
        "mean": "mean", "sd": "sd", "eti90_lb": "q5", "eti90_ub": "q95", "ess_bulk": "ess_bulk",
        "r_hat": "r_hat", "mcse_mean": "mcse_mean"})


@section
def questions(program):
    """one_liners.py against the table of the JSON and against numpy."""
    import one_liners

    arrow, parquet, listed = (str(program.work / name) for name in ("wide.arrow", "wide.parquet", "list.parquet"))
    answer = program.run("summary", arrow, "--json")
    alphas = {p["name"]: p for p in answer["parameters"] if p["name"].startswith("alpha[")}
    medians = one_liners.polars_medians(arrow)
    TALLY.check("Polars: medians", [name for name, p in alphas.items() if not close(medians[name], p["q50"])])
    intervals = {f"alpha[{fk}]": figures for fk, *figures in one_liners.duckdb_intervals(parquet)}
    TALLY.check("DuckDB: intervals", [
        f"{name}: {intervals.get(name)}" for name, p in alphas.items()
        if not all(close(a, p[key]) for a, key in zip(intervals[name], ("q50", "q5", "q95")))])
    table = feather.read_table(arrow)
    draws = np.column_stack([table[name].to_numpy() for name in alphas])
    places = [list(alphas).index(f"alpha[{fk}]") for fk in (FIRST, SECOND)]
    expected = float(np.mean(draws[:, places[0]] > draws[:, places[1]]))
    for name, found in (("Polars", one_liners.polars_first_beats_second(arrow, FIRST, SECOND)),
                        ("DuckDB", one_liners.duckdb_first_beats_second(parquet, FIRST, SECOND))):
        TALLY.check(f"{name}: P({FIRST} > {SECOND})", [] if close(found, expected) else f"{found}, not {expected}")
    largest = dict(one_liners.polars_largest(listed).rows())
    counts = dict(zip(*(values.tolist() for values in np.unique(draws.argmax(axis=1), return_counts=True))))
    TALLY.check("Polars: which is the largest", [] if largest == counts else f"{largest}, not {counts}")
    script(program, sys.executable, PYTHON / "one_liners.py", arrow, parquet, listed, FIRST, SECOND)
    TALLY.check("one_liners.py runs", [])


@section
def permutation(program):
    """sklearn_permutation.py: scores of FK blocks, the posterior of them, a picture."""
    folder = program.work / "sklearn"
    folder.mkdir(exist_ok=True)
    script(program, sys.executable, PYTHON / "sklearn_permutation.py", folder)
    check_picture(folder / "orders.png")
    scores = pd.read_csv(folder / "scores.csv")
    answer = program.run("summary", folder / "orders.arrow", "--json")
    fks = ["customer_id", "store_id", "promotion_id"]
    TALLY.check("scores: a column per FK, a row per permutation",
                [] if list(scores.columns) == fks and scores.shape == (50, 3) else f"{scores.shape}")
    TALLY.check("posterior: of these scores", [
        f"{fk}" for fk in answer["data"]["fks"] if fk["n"] != 50 or not close(fk["mean"], scores[fk["fk"]].mean())])
    order = [r["fk"] for r in sorted(answer["ranking"], key=lambda r: r["expected_rank"])]
    TALLY.check("posterior: ranks as the data were made", [] if order == fks else f"{order}")
    for fk, found in block_importances().items():
        error = scores[fk].std() / np.sqrt(len(scores)) + found.std(ddof=1) / np.sqrt(len(found))
        z = abs(scores[fk].mean() - found.mean()) / error
        TALLY.check(f"block of {fk}: permuted column by column in numpy", [] if z < 5 else f"{z:.1f} standard errors")


def block_importances():
    """The same importances without scikit-learn's inspection: joined columns of a block permuted as one."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.metrics import r2_score
    from sklearn.model_selection import train_test_split
    from sklearn_permutation import join, tables

    parents, fks, amount = tables(np.random.default_rng(7))
    train, test, y_train, y_test = train_test_split(fks, amount, random_state=7)
    model = HistGradientBoostingRegressor(random_state=7).fit(join(train, parents), y_train)
    joined, rng = join(test, parents), np.random.default_rng(8)
    whole = r2_score(y_test, model.predict(joined))

    def drop(block):
        permuted, order = joined.copy(), rng.permutation(len(joined))
        permuted[list(block)] = joined[list(block)].to_numpy()[order]
        return whole - r2_score(y_test, model.predict(permuted))

    return {fk: np.array([drop(table.columns) for _ in range(20)]) for fk, table in parents.items()}


@section
def r_session(program):
    """plot_draws.R: pictures, and posterior's figures against ours."""
    import duckdb

    folder = program.work / "r"
    folder.mkdir(exist_ok=True)
    parquet, text = program.work / "wide.parquet", program.work / "wide.csv"
    duckdb.sql(f"COPY (FROM '{parquet}') TO '{text}'")
    script(program, "Rscript", R / "plot_draws.R", text, folder)
    for name in ("intervals", "trace", "rank"):
        check_picture(folder / f"{name}.png")
    found = pd.read_csv(folder / "summary.csv").set_index("variable")
    check_figures("R's posterior: summarise_draws", found, program.run("summary", parquet, "--json"), {
        "mean": "mean", "median": "q50", "sd": "sd", "q5": "q5", "q95": "q95", "rhat": "r_hat",
        "ess_bulk": "ess_bulk", "ess_tail": "ess_tail", "mcse_mean": "mcse_mean", "mcse_sd": "mcse_sd"})


def read(path):
    readers = {".csv": pd.read_csv, ".arrow": feather.read_feather, ".parquet": pd.read_parquet}
    return readers[path.suffix](path)


@section
def simulated(program):
    """The files of `simulate`, read by pandas and pyarrow."""
    for ending in ("csv", "arrow", "parquet"):
        for layout in ("long", "wide", "stats"):
            out = program.work / f"simulated_{layout}.{ending}"
            answer = program.run("simulate", "--n", "3,5,8", "--k", 6, "--sigma2-fk", 1, "--lambda", 4, "--seed", 3,
                                 "--layout", layout, "--out", out, "--json")
            scores, truth = read(out), read(out.with_suffix(f".truth.{ending}"))
            sizes = {"long": lambda: scores.groupby("fk", sort=False).size(), "wide": scores.count,
                     "stats": lambda: scores.set_index("fk")["n"]}[layout]()
            expected = {fk["fk"]: fk["n"] for fk in answer["data"]["fks"]}
            wrong = [] if sizes.to_dict() == expected else [f"sizes {sizes.to_dict()}"]
            alphas = [alpha["alpha"] for alpha in answer["truth"]["alpha"]]
            wrong += [] if truth["alpha"].tolist() == alphas else ["the truth is another"]
            TALLY.check(f"simulate: {layout}.{ending}", wrong)


@section
def studied(program):
    """The table of `study`, read by pandas and pyarrow."""
    for ending in ("arrow", "parquet"):
        out = program.work / f"study.{ending}"
        answer = program.run("study", "--k", "3,5", "--n", "5:20", "--lambda", "1,10", "--replicates", 20, "--seed", 3,
                             "--out", out, "--json")
        table = read(out)
        wrong = [] if len(table) == len(answer["cells"]) else [f"{len(table)} rows"]
        for row, cell in zip(table.to_dict("records"), answer["cells"]):
            for key, value in cell.items():
                if key in row and isinstance(value, (int, float)) and row[key] != value:
                    wrong.append(f"{key}: {row[key]!r}, not {value!r}")
                if key in row and value is None and not pd.isna(row[key]):
                    wrong.append(f"{key}: {row[key]!r}, not null")
        TALLY.check(f"study.{ending}", wrong)


@section
def comma_separated(program):
    """`--format csv` as pandas reads it, names with commas, quotes and line breaks included."""
    names = ["plain", "a,b", 'say "x"', "two\nlines", "a|b"]
    scores = pd.DataFrame({"fk": np.repeat(names, 4), "score": np.arange(20.0) % 7})
    scores.to_csv(program.work / "names.csv", index=False)
    fit = ("fit", "names.csv", "--seed", "1", "--no-draws", "--quiet")
    text = subprocess.run([str(program.binary), *fit, "--format", "csv"], cwd=program.work,
                          capture_output=True, check=True).stdout
    table = pd.read_csv(io.BytesIO(text), float_precision="round_trip").set_index("fk")
    answer = program.run(*fit, "--json")
    wrong = [] if sorted(table.index) == sorted(names) else [f"{list(table.index)}"]
    for parameter in answer["parameters"]:
        name = parameter["name"].removeprefix("alpha[").removesuffix("]")
        wrong += [f"{name} {key}" for key in ("q5", "q50", "q95") if name in table.index
                  and table.loc[name, key] != parameter[key]]
    TALLY.check("fit --format csv: pandas reads it", wrong)


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    program = Program(sys.argv[1], sys.argv[2])
    for part in (trees, plots, questions, permutation, r_session, simulated, studied, comma_separated):
        part(program)
    print(f"{TALLY.passed} passed, {TALLY.failed} failed")
    raise SystemExit(1 if TALLY.failed else 0)


if __name__ == "__main__":
    main()
