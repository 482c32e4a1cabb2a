"""Forest, rank and trace plots of the draws of `fkbayes fit`, and ArviZ's own summary of them.

Usage: python plot_draws.py draws.arrow [FOLDER]
"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import arviz_plots as azp  # noqa: E402
import arviz_stats as azs  # noqa: E402
from fkbayes_draws import read_draws  # noqa: E402


def main(draws, folder="."):
    folder = Path(folder)
    tree = read_draws(draws)
    azp.plot_forest(tree, var_names="alpha", combined=True).savefig(folder / "forest.png")

    shared = [name for name, values in tree.posterior.items() if "fk" not in values.dims]
    # The time for the bands of rank plots grows with the square of the draws: a tenth of them will do.
    few = tree.isel(draw=slice(None, None, 10))
    azp.plot_rank(few, var_names=shared).savefig(folder / "rank.png")
    azp.plot_trace(tree, var_names=shared).savefig(folder / "trace.png")
    azs.summary(tree, ci_kind="eti", ci_prob=0.9, round_to="none").to_csv(folder / "summary.csv")


if __name__ == "__main__":
    main(*sys.argv[1:])
