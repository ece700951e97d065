"""Connected components of the identity links: identifiers that hang together are one person.

Union by email, sync id, conversion and merge may chain through any number of records, which no fixed number of joins
follows. scipy's connected_components is linear in the links (docs/benchmarks.md has 5 million identifiers).
"""

import typing as t

import numpy as np
import pandas as pd
from maths.frames import named_for, read
from sqlglot import exp
from sqlmesh import ExecutionContext, model
from sqlmesh.core.model.kind import ModelKindName


def components(left: pd.Series, right: pd.Series) -> pd.DataFrame:
    """Every node once, with the number of its component (the same for nodes that hang together)."""
    # SQLMesh keeps the source of this function, not compiled functions that the file imported: so they are imported here.
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    codes, nodes = pd.factorize(pd.concat([left, right], ignore_index=True), sort=True)
    count = len(left)
    graph = coo_matrix((np.ones(count, dtype=np.int8), (codes[:count], codes[count:])), shape=(len(nodes),) * 2)
    _, labels = connected_components(graph, directed=False)
    return pd.DataFrame({"node": nodes, "component": labels.astype("int64")})


@model(
    "prep.identity_component",
    kind={"name": ModelKindName.FULL},
    owner="revops",
    grains=["node"],
    description="Each identifier and the number of the group that it hangs together with.",
    columns={"node": "varchar", "component": "bigint"},
    column_descriptions={
        "node": "an identifier: system, kind and value",
        "component": "numbered by the smallest identifier in it; a number means nothing outside one build",
    },
    depends_on=["prep.identity_link"],
    audits=[
        ("not_null", {"columns": exp.tuple_("node", "component")}),
        ("unique_values", {"columns": exp.tuple_("node")}),
    ],
)
def execute(context: ExecutionContext, **kwargs: t.Any) -> t.Iterator[pd.DataFrame]:
    table = context.resolve_table("prep.identity_link")
    links = read(context, f"SELECT node_a, node_b FROM {table}")
    if links.empty:
        yield from ()
        return
    yield named_for(context.engine_adapter, components(links["node_a"], links["node_b"]))
