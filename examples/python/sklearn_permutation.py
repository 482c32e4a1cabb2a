"""From a relational data set to a posterior: FK-block permutation with scikit-learn.

Usage: python sklearn_permutation.py [FOLDER]      needs fkbayes on the PATH

Orders point to customers, stores and promotions. The model is a pipeline whose first step joins them
in, so that permuting one *foreign key* of the orders permutes all columns that arrive through it,
together: scikit-learn's permutation_importance, given the orders alone, permutes whole FK blocks.
"""

import subprocess
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import arviz_plots as azp  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from fkbayes_draws import read_draws  # noqa: E402
from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: E402
from sklearn.inspection import permutation_importance  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import FunctionTransformer  # noqa: E402


def tables(rng, orders=2000):
    """Three small tables, and orders whose amounts depend on customers most, on stores a little."""
    customers = pd.DataFrame({"age": rng.uniform(18, 80, 200), "income": rng.lognormal(10, 0.5, 200)})
    stores = pd.DataFrame({"size": rng.uniform(1, 5, 20), "urban": rng.integers(0, 2, 20)})
    promotions = pd.DataFrame({"discount": rng.uniform(0, 0.3, 10)})
    parents = {"customer_id": customers, "store_id": stores, "promotion_id": promotions}
    fks = pd.DataFrame({fk: rng.integers(0, len(table), orders) for fk, table in parents.items()})
    joined = join(fks, parents)
    amount = joined["income"] / 1e4 + 0.02 * joined["age"] + 0.3 * joined["size"] * joined["urban"]
    return parents, fks, amount + rng.normal(0, 1, orders)


def join(fks, parents):
    """The columns that arrive through each foreign key, side by side."""
    through = [table.loc[fks[fk]].reset_index(drop=True) for fk, table in parents.items()]
    return pd.concat(through, axis=1)


def main(folder="."):
    folder = Path(folder)
    parents, fks, amount = tables(np.random.default_rng(7))
    train, test, y_train, y_test = train_test_split(fks, amount, random_state=7)
    joining = FunctionTransformer(join, kw_args={"parents": parents})
    model = make_pipeline(joining, HistGradientBoostingRegressor(random_state=7)).fit(train, y_train)

    scores = permutation_importance(model, test, y_test, n_repeats=50, random_state=7).importances
    pd.DataFrame(scores.T, columns=fks.columns).to_csv(folder / "scores.csv", index=False)
    command = ["fkbayes", "fit", "--wide", "scores.csv", "--seed", "7", "--out", "orders.arrow"]
    subprocess.run(command, cwd=folder, check=True)
    tree = read_draws(folder / "orders.arrow")
    azp.plot_forest(tree, var_names="alpha", combined=True).savefig(folder / "orders.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
