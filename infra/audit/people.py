"""Which identifiers are one person: what hangs together through links of any number."""

from __future__ import annotations

from collections.abc import Sequence


def components(links: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Every identifier with the person it belongs to, named after the smallest identifier of the group.

    >>> components([("a", "b"), ("c", "b"), ("d", "d")])
    {'node': ['a', 'b', 'c', 'd'], 'person': ['a', 'a', 'a', 'd']}
    """
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    nodes = sorted({node for link in links for node in link})
    places = {node: place for place, node in enumerate(nodes)}
    rows = [places[left] for left, _ in links]
    columns = [places[right] for _, right in links]
    graph = coo_matrix((np.ones(len(links), dtype=np.int8), (rows, columns)), shape=(len(nodes),) * 2)
    labels = connected_components(graph, directed=False)[1].tolist() if nodes else []
    names: dict[int, str] = {}
    for node, label in zip(nodes, labels, strict=True):
        names.setdefault(label, node)
    return {"node": nodes, "person": [names[label] for label in labels]}
