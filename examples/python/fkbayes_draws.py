"""Draws of fkbayes as an ArviZ DataTree: dimensions chain and draw, and fk for what every FK has."""

import json
from pathlib import Path

import arviz_base as azb
import numpy as np
import pyarrow.feather as feather
import pyarrow.parquet as pq


def read_draws(path):
    """A draws file (Arrow or Parquet, wide or list) as a DataTree with posterior and sample_stats."""
    table = (pq if Path(path).suffix == ".parquet" else feather).read_table(path)
    metadata = json.loads(table.schema.metadata[b"fkbayes"])
    chains, fks = metadata["sampler"]["chains"], [fk["fk"] for fk in metadata["fks"]]
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    # List layout: one column holds all importances. Wide: a column for each, alpha[FK].
    if "alpha" in columns:
        values = columns.pop("alpha").flatten().to_numpy().reshape(-1, len(fks))
        columns |= {f"alpha[{fk}]": column for fk, column in zip(fks, values.T)}
    # Rows are ordered by chain, then draw.
    draws = {name: np.asarray(column).reshape(chains, -1) for name, column in columns.items()}
    stats = {"lp": draws.pop("log_density")}
    missing = np.full_like(stats["lp"], np.nan)
    dims = {}
    for name in {name.split("[")[0] for name in draws if "[" in name}:
        own = [draws.pop(f"{name}[{fk}]", missing) for fk in fks]
        draws[name], dims[name] = np.stack(own, axis=-1), ["fk"]
    del draws["chain"], draws["draw"]
    return azb.from_dict({"posterior": draws, "sample_stats": stats}, coords={"fk": fks}, dims=dims)
