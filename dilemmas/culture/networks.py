"""Networks of who meets whom: rings, grids, small worlds, random regular graphs, and edge lists.

Agents are nodes, numbered from 0 in arrays and from 1 in files and messages, in the population's order. Rings and
grids need numpy alone; small worlds and random regular graphs are networkx's, seeded from our own random words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, model_validator

from dilemmas.culture.choice import choose
from dilemmas.culture.lot import Lot
from dilemmas.errors import FileError, UsageError, missing
from dilemmas.rules.game import Floats, Ints
from dilemmas.rules.params import Count, Parameters, Probability, Whole, whole

WHERE = "network"


@dataclass(frozen=True)
class Graph:
    """An undirected graph: ``edges`` is ``(edges, 2)``, each pair once with the smaller node first, rows sorted."""

    nodes: int
    edges: Ints

    @classmethod
    def of(cls, nodes: int, pairs: Ints) -> Graph:
        """From pairs in any order; a pair that is named twice counts once.

        Raises UsageError for a node outside the population, a node tied to itself, and a node without neighbours.
        """
        pairs = np.asarray(pairs, np.intp).reshape(-1, 2)
        if len(strange := pairs[(pairs < 0) | (pairs >= nodes)]):
            raise UsageError(f"an edge names node {strange[0] + 1}", where=WHERE, expected=f"1 to {nodes}")
        if len(loops := np.flatnonzero(pairs[:, 0] == pairs[:, 1])):
            raise UsageError(f"node {pairs[loops[0], 0] + 1} is its own neighbour", where=WHERE, expected="two nodes")
        graph = cls(nodes, np.unique(np.sort(pairs, axis=1), axis=0))
        if len(lonely := np.flatnonzero(graph.degrees == 0)):
            more = f" (and {len(lonely) - 1} more)" if len(lonely) > 1 else ""
            raise UsageError(f"node {lonely[0] + 1} has no neighbours{more}", where=WHERE, expected="1 or more")
        return graph

    @cached_property
    def degrees(self) -> Ints:
        """Number of neighbours of every node."""
        return np.bincount(self.edges.reshape(-1), minlength=self.nodes)

    @cached_property
    def _targets(self) -> Ints:
        both = np.concatenate([self.edges, self.edges[:, ::-1]])
        return np.asarray(both[np.lexsort((both[:, 1], both[:, 0])), 1])

    @cached_property
    def _starts(self) -> Ints:
        return np.concatenate([[0], np.cumsum(self.degrees)[:-1]])

    def neighbours(self, node: int) -> Ints:
        """The neighbours of one node, ascending."""
        start = int(self._starts[node])
        found: Ints = self._targets[start : start + int(self.degrees[node])]
        return found

    def neighbour(self, node: Ints, coin: Floats) -> Ints:
        """A neighbour of each node, drawn by a uniform number in [0, 1) each."""
        found: Ints = self._targets[self._starts[node] + (coin * self.degrees[node]).astype(np.intp)]
        return found


class Network(Parameters):
    """How a network is made for a population."""

    def build(self, nodes: int, lot: Lot, folder: Path | None = None) -> Graph:
        """The graph over ``nodes`` agents; ``folder`` is where relative paths start. Raises UsageError, FileError."""
        raise NotImplementedError


def _sized(kind: str, nodes: int, degree: int) -> None:
    if not 0 < degree < nodes:
        found = f"{kind} of {nodes} agents with {degree} neighbours each"
        raise UsageError(found, where=f"{WHERE}.degree", expected=f"1 to {nodes - 1}")


def _lattice(nodes: int, degree: int) -> Ints:
    here = np.repeat(np.arange(nodes), degree // 2)
    return np.stack([here, (here + np.tile(np.arange(1, degree // 2 + 1), nodes)) % nodes], axis=1)


class Circle(Network):
    """What rings and small worlds share: an even number of neighbours, half on each side."""

    degree: Count

    @model_validator(mode="after")
    def _even(self) -> Circle:
        if self.degree % 2:
            raise ValueError(f"degree {self.degree} is odd, and half of the neighbours sit on each side")
        return self


class Ring(Circle):
    """A circle on which everyone is tied to the ``degree / 2`` nearest on each side."""

    kind: Literal["ring"] = "ring"
    degree: Count = 2

    def build(self, nodes: int, lot: Lot, folder: Path | None = None) -> Graph:
        """The circle; no lots are drawn."""
        _sized("a ring", nodes, self.degree)
        return Graph.of(nodes, _lattice(nodes, self.degree))


class SmallWorld(Circle):
    """A ring of which each edge is moved to a random end with the chance ``rewire`` (Watts & Strogatz 1998)."""

    kind: Literal["small-world"] = "small-world"
    degree: Count = 4
    rewire: Probability = 0.1

    def build(self, nodes: int, lot: Lot, folder: Path | None = None) -> Graph:
        """One draw of the small world. Raises MissingExtra without networkx."""
        _sized("a small world", nodes, self.degree)
        drawn = _networkx("small-world").watts_strogatz_graph(nodes, self.degree, self.rewire, seed=_seed(lot))
        return Graph.of(nodes, np.array(list(drawn.edges)))


class RandomRegular(Network):
    """A graph drawn among those in which everyone has ``degree`` neighbours (Steger & Wormald 1999)."""

    kind: Literal["random-regular"] = "random-regular"
    degree: Count = 4

    def build(self, nodes: int, lot: Lot, folder: Path | None = None) -> Graph:
        """One draw. Raises MissingExtra without networkx."""
        _sized("a random regular graph", nodes, self.degree)
        if nodes * self.degree % 2:
            raise UsageError(
                f"{nodes} agents with {self.degree} neighbours each make half an edge too many",
                where=f"{WHERE}.degree",
                expected="an even degree, or an even number of agents",
            )
        drawn = _networkx("random-regular").random_regular_graph(self.degree, nodes, seed=_seed(lot))
        return Graph.of(nodes, np.array(list(drawn.edges)))


class Grid(Network):
    """A board, filled row by row; ``periodic`` joins its opposite edges (Nowak & May 1992).

    ``reach`` is 4 (sides) or 8 (sides and corners); a board whose size is not given is as square as can be.
    """

    kind: Literal["grid"] = "grid"
    rows: Count | None = None
    columns: Count | None = None
    periodic: bool = True
    reach: Annotated[Literal[4, 8], BeforeValidator(whole)] = 4

    def build(self, nodes: int, lot: Lot, folder: Path | None = None) -> Graph:
        """The board; no lots are drawn."""
        rows, columns = self.size(nodes)
        if self.periodic and min(rows, columns) < 3:
            raise UsageError(
                f"a grid of {rows} x {columns} cannot be joined at its edges",
                where=WHERE,
                expected="3 or more rows and columns",
                remedy="Set periodic: false, or take a ring.",
            )
        steps = [(0, 1), (1, 0)] if self.reach == 4 else [(0, 1), (1, 0), (1, 1), (1, -1)]
        return Graph.of(nodes, np.concatenate([self._step(rows, columns, down, right) for down, right in steps]))

    def size(self, nodes: int) -> tuple[int, int]:
        """Rows and columns for a population of that size."""
        rows = self.rows or (nodes // self.columns if self.columns else _divisor(nodes))
        columns = self.columns or max(1, nodes // rows)
        if rows * columns != nodes:
            found = f"a grid of {rows} x {columns} for {nodes} agents"
            raise UsageError(found, where=WHERE, expected="rows times columns to be the population")
        return rows, columns

    def _step(self, rows: int, columns: int, down: int, right: int) -> Ints:
        here = np.arange(rows * columns)
        row, column = here // columns + down, here % columns + right
        inside = (row < rows) & (column >= 0) & (column < columns) | self.periodic
        there = row % rows * columns + column % columns
        return np.stack([here, there], axis=1)[inside]


def _divisor(nodes: int) -> int:
    return max(rows for rows in range(1, math.isqrt(nodes) + 1) if nodes % rows == 0)


class Edges(Network):
    """Edges as written: ``edges`` in place, or a text ``file`` of two columns.

    ``first`` is the number of the first node. Columns are parted by blanks, commas or tabs; ``#`` starts a comment.
    """

    kind: Literal["edges"] = "edges"
    edges: tuple[tuple[Whole, Whole], ...] | None = None
    file: str | None = None
    first: Annotated[Literal[0, 1], BeforeValidator(whole)] = 1

    @model_validator(mode="after")
    def _one(self) -> Edges:
        if (self.edges is None) == (self.file is None):
            raise ValueError("give either edges or a file")
        return self

    def build(self, nodes: int, lot: Lot, folder: Path | None = None) -> Graph:
        """The graph of the list; no lots are drawn."""
        pairs = self.edges if self.file is None else list(read((folder or Path()) / self.file))
        if not pairs:
            raise UsageError("there are no edges", where=WHERE, expected="two nodes a line")
        if self.first == 1 and any(0 in pair for pair in pairs):
            remedy = "Set first: 0 if nodes count from 0."
            raise UsageError("an edge names node 0", where=WHERE, expected="1 or more", remedy=remedy)
        return Graph.of(nodes, np.array(pairs) - self.first)


def read(path: Path) -> Iterable[tuple[int, int]]:
    """The pairs of numbers in an edge list; raises FileError that names the line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where=str(path)) from None
    for number, line in enumerate(lines, 1):
        parts = line.partition("#")[0].replace(",", " ").split()
        if not parts:
            continue
        if len(parts) != 2 or not all(part.isdigit() for part in parts):
            raise FileError(f"{line.strip()!r} is no edge", where=f"{path}:{number}", expected="two whole numbers")
        yield int(parts[0]), int(parts[1])


NETWORKS: Mapping[str, type[Network]] = {
    "ring": Ring,
    "grid": Grid,
    "small-world": SmallWorld,
    "random-regular": RandomRegular,
    "edges": Edges,
}


def network(given: Any, where: str = "network") -> Network:
    """The network that a file or a flag describes: ``{kind: small-world, degree: 4}`` or ``small-world:degree=4``."""
    return choose(NETWORKS, given, "kind", "network", where)


def _networkx(kind: str) -> Any:
    try:
        import networkx
    except ImportError:
        raise missing(f"a {kind} network", "networks") from None
    return networkx


def _seed(lot: Lot) -> int:
    return int(lot.words("network", 1, 1)[0, 0])
