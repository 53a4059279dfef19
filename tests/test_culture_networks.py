from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dilemmas.culture.lot import Lot
from dilemmas.culture.networks import Graph, network
from dilemmas.errors import DilemmasError, FileError, MissingExtra, SpecError, UnknownName, UsageError

networkx = pytest.importorskip("networkx", reason="the extra 'networks' is not installed")

LOT = Lot(0, 0)


def same(graph: Graph, other: Any) -> bool:
    there = networkx.convert_node_labels_to_integers(other, ordering="sorted")
    return {tuple(edge) for edge in graph.edges.tolist()} == {tuple(sorted(edge)) for edge in there.edges}


@given(half=st.integers(1, 4), more=st.integers(1, 20))
@settings(max_examples=30, deadline=None)
def test_rings_are_those_of_networkx(half: int, more: int) -> None:
    nodes = 2 * half + more
    assert same(
        network({"kind": "ring", "degree": 2 * half}).build(nodes, LOT),
        networkx.watts_strogatz_graph(nodes, 2 * half, 0),
    )


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (3, 5), (4, 4), (6, 3)])
@pytest.mark.parametrize("periodic", [True, False])
def test_grids_are_those_of_networkx(rows: int, columns: int, periodic: bool) -> None:
    given_ = {"kind": "grid", "rows": rows, "columns": columns, "periodic": periodic}
    assert same(network(given_).build(rows * columns, LOT), networkx.grid_2d_graph(rows, columns, periodic=periodic))


@pytest.mark.parametrize("periodic", [True, False])
def test_corners_count_where_the_reach_is_eight(periodic: bool) -> None:
    graph = network({"kind": "grid", "rows": 4, "columns": 5, "reach": 8, "periodic": periodic}).build(20, LOT)
    row, column = np.divmod(np.arange(20), 5)
    apart = abs(np.stack([row[:, None] - row, column[:, None] - column]))
    around = np.minimum(apart, np.array([4, 5])[:, None, None] - apart) if periodic else apart
    near = (around.max(axis=0) == 1) & (np.arange(20)[:, None] < np.arange(20))
    assert np.array_equal(graph.edges, np.argwhere(near))


def test_a_grid_is_as_square_as_the_population_allows() -> None:
    assert network("grid").size(12) == (3, 4)  # type: ignore[attr-defined]
    assert network("grid:columns=2:periodic=false").size(12) == (6, 2)  # type: ignore[attr-defined]


@given(nodes=st.integers(5, 40), half=st.integers(1, 2), rewire=st.floats(0, 1), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_small_worlds_keep_their_number_of_edges(nodes: int, half: int, rewire: float, seed: int) -> None:
    made = network({"kind": "small-world", "degree": 2 * half, "rewire": rewire})
    graph = made.build(nodes, Lot(seed, 0))
    assert len(graph.edges) == nodes * half and (graph.degrees >= half).all()
    assert np.array_equal(graph.edges, made.build(nodes, Lot(seed, 0)).edges)


def test_rewiring_moves_as_many_edges_as_it_says() -> None:
    ring = {tuple(edge) for edge in network("ring:degree=4").build(500, LOT).edges.tolist()}
    for rewire in (0.0, 0.3, 1.0):
        drawn = network({"kind": "small-world", "rewire": rewire}).build(500, LOT)
        moved = sum(tuple(edge) not in ring for edge in drawn.edges.tolist())
        # A moved edge lands on a free place of the ring now and then, hence the slack of ten.
        assert abs(moved - 1000 * rewire) <= 4 * np.sqrt(1000 * rewire * (1 - rewire)) + 10


@given(nodes=st.integers(4, 30), degree=st.integers(1, 3), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_random_regular_networks_are_regular(nodes: int, degree: int, seed: int) -> None:
    nodes += nodes * degree % 2
    graph = network({"kind": "random-regular", "degree": degree}).build(nodes, Lot(seed, 0))
    assert (graph.degrees == degree).all() and (graph.edges[:, 0] < graph.edges[:, 1]).all()


def test_draws_differ_between_seeds() -> None:
    made = network("random-regular:degree=3")
    assert len({str(made.build(20, Lot(seed, 0)).edges.tolist()) for seed in range(5)}) == 5


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] != pair[1]), min_size=1))
@settings(max_examples=60, deadline=None)
def test_neighbours_are_what_the_edges_say(pairs: list[tuple[int, int]]) -> None:
    used = sorted({node for pair in pairs for node in pair})
    graph = Graph.of(len(used), np.array([[used.index(a), used.index(b)] for a, b in pairs]))
    for node in range(graph.nodes):
        ties = {int(other) for edge in graph.edges for other in edge if node in edge} - {node}
        assert set(graph.neighbours(node).tolist()) == ties and graph.degrees[node] == len(ties)
        drawn = graph.neighbour(np.full(200, node), (np.arange(200) + 0.5) / 200)
        assert set(drawn.tolist()) == ties


def test_edges_in_place_count_from_one() -> None:
    graph = network({"kind": "edges", "edges": [[3, 1], [1, 3], [2, 3]]}).build(3, LOT)
    assert graph.edges.tolist() == [[0, 2], [1, 2]]


def test_an_edge_list_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "ties.txt").write_text("# who knows whom\n1 2\n2,3  # near\n\n3\t1\n")
    graph = network({"kind": "edges", "file": "ties.txt"}).build(3, LOT, tmp_path)
    assert graph.edges.tolist() == [[0, 1], [0, 2], [1, 2]]
    (tmp_path / "zero.csv").write_text("0,1\n1,2\n")
    assert network("edges:file=zero.csv:first=0").build(3, LOT, tmp_path).edges.tolist() == [[0, 1], [1, 2]]


@pytest.mark.parametrize(
    ("given_", "nodes", "said"),
    [
        ("ring:degree=8", 8, "network.degree: .*8 neighbours each; expected 1 to 7"),
        ("grid", 7, "1 x 7 cannot be joined"),
        ({"kind": "grid", "rows": 3, "columns": 3}, 10, "a grid of 3 x 3 for 10 agents"),
        ("random-regular:degree=3", 7, "half an edge too many"),
        ({"kind": "edges", "edges": [[1, 2]]}, 4, r"node 3 has no neighbours \(and 1 more\)"),
        ({"kind": "edges", "edges": [[2, 2]]}, 2, "node 2 is its own neighbour"),
        ({"kind": "edges", "edges": [[1, 9]]}, 4, "an edge names node 9; expected 1 to 4"),
        ({"kind": "edges", "edges": [[0, 1]]}, 4, "node 0; .*Set first: 0"),
        ({"kind": "edges", "edges": []}, 4, "no edges"),
    ],
)
def test_networks_that_do_not_fit_say_why(given_: Any, nodes: int, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        network(given_).build(nodes, LOT)


@pytest.mark.parametrize(
    ("given_", "kind", "said"),
    [
        (
            "smallworld",
            UnknownName,
            r"my.yaml: network: no network is called 'smallworld'.*Did you mean 'small-world'\?",
        ),
        ({"degree": 4}, UnknownName, "network needs the key 'kind'; expected ring, grid"),
        ({"kind": "ring", "degre": 4}, SpecError, r"no parameter 'degre'.*Did you mean 'degree'\?"),
        ({"kind": "ring", "degree": 3}, SpecError, "degree 3 is odd"),
        (
            {"kind": "small-world", "rewire": 1.5},
            SpecError,
            "my.yaml: network: rewire: 1.5 does not fit.*less than or equal to 1",
        ),
        ({"kind": "edges"}, SpecError, "either edges or a file"),
        ("ring:degree", SpecError, "'degree' in 'ring:degree' is no parameter; expected KEY=VALUE"),
        (7, SpecError, "7 is no network"),
    ],
)
def test_a_wrong_description_names_key_and_remedy(given_: Any, kind: type[DilemmasError], said: str) -> None:
    with pytest.raises(kind, match=said):
        network(given_, "my.yaml: network")


def test_a_bad_line_of_an_edge_list_is_named(tmp_path: Path) -> None:
    made = network("edges:file=ties.txt")
    with pytest.raises(FileError, match=r"ties.txt: cannot be read"):
        made.build(3, LOT, tmp_path)
    (tmp_path / "ties.txt").write_text("1 2\n2 three\n")
    with pytest.raises(FileError, match=r"ties.txt:2: '2 three' is no edge"):
        made.build(3, LOT, tmp_path)


def test_without_networkx_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "networkx", None)
    with pytest.raises(MissingExtra, match=r"pip install 'dilemmas\[networks\]'"):
        network("small-world").build(10, LOT)
    assert len(network("ring").build(10, LOT).edges) == 10  # needs no extra
