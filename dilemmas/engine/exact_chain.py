"""Any two automata computed against each other: the Markov chain over the pairs of states that they can reach.

The joint states of all pairs make one sparse chain, found from the starts outward; a round is one pass over its
edges. Very long horizons and the long-run limit take repeated squaring of each pair's own small matrix instead.
States are numbered over all machines of a seat, so that a joint state names its pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dilemmas.errors import UsageError

Floats = NDArray[np.float64]
Ints = NDArray[np.integer[Any]]
SQUARINGS = 60  # 2**60 rounds: slower chances than 1e-17 a round are no numbers
WIDEST = 2048  # joint states of one pair whose long run is still computed: a matrix of 32 MB
DENSE = 256  # joint states up to which a long horizon is squared, not walked
LONG = 2048  # rounds from which that pays


@dataclass(frozen=True)
class Automata:
    """All machines of one seat: ``play`` ``(states, actions)`` as executed, the state that each starts in.

    ``then`` ``(states, codes, m)`` are the next states that are possible after the joint action (first's action *
    second's number + second's action) happened, ``chance`` how likely each is, given what may be misread.
    """

    play: Floats
    start: Ints
    owner: Ints
    then: Ints
    chance: Floats


def automata(tables: list[Any], seat: int, others: int, noise: float, perception: float) -> Automata:
    """Stack fitted tables (``machine.Table``) of one seat, whose partner has ``others`` actions."""
    starts = np.cumsum([0, *(len(table.play) for table in tables)])
    play = np.concatenate([table.play for table in tables])
    own = play.shape[1]
    then = np.concatenate([table.then[:, :-1] + start for table, start in zip(tables, starts, strict=False)])
    targets, chance = _blurred(then.reshape(len(play), own, others), perception)
    if seat == 1:  # codes are (own, other): put them in the order of the seats
        targets, chance = targets.swapaxes(1, 2), chance.swapaxes(1, 2)
    executed = play * (1 - noise) + (1 - play) * (noise / (own - 1)) if own > 1 else play
    owner = np.repeat(np.arange(len(tables)), np.diff(starts))
    shape = (len(play), own * others, -1)
    return Automata(executed, starts[:-1], owner, targets.reshape(shape), chance.reshape(shape))


def _blurred(then: Ints, perception: float) -> tuple[Ints, Floats]:
    """Next states and their chances by what truly happened, ``(states, own, others, m)``; m is 1 without misreading."""
    others = then.shape[2]
    if not perception or others == 1:
        return then[..., None], np.ones((*then.shape, 1))
    kept = [[np.unique(row) for row in state] for state in then]
    width = max(len(row) for state in kept for row in state)
    targets = np.repeat(then[..., None], width, axis=3)  # padding repeats a true state, with no chance
    chance = np.zeros(targets.shape)
    for index in np.ndindex(*then.shape[:2]):
        row, distinct = then[index], kept[index[0]][index[1]]
        is_it = row[:, None] == distinct
        wrong = (is_it.sum(0) - is_it) * (perception / (others - 1))
        targets[index][:, : len(distinct)] = distinct
        chance[index][:, : len(distinct)] = is_it * (1 - perception) + wrong
    return targets, chance


@dataclass(frozen=True)
class Chain:
    """The joint states that some pairs can reach, pair after pair, and the chances of going from one to another.

    ``bounds`` ``(pairs + 1,)`` says where each pair's nodes lie; edges go from node ``source`` to node ``target``.
    """

    first: Ints
    second: Ints
    bounds: Ints
    start: Ints
    source: Ints
    target: Ints
    chance: Floats


def reach(one: Automata, two: Automata, pairs: Ints) -> Chain:
    """The chain of distinct ``pairs`` ``(pairs, 2)`` in lexical order, by searching from their starts."""
    width = len(two.play)
    starts = one.start[pairs[:, 0]] * width + two.start[pairs[:, 1]]
    known = frontier = np.sort(starts)
    found = []
    while len(frontier):
        found.append(_edges(one, two, frontier, width))
        frontier = np.setdiff1d(found[-1][1], known)
        known = np.union1d(known, frontier)
    source, target, chance = (np.concatenate(column) for column in zip(*found, strict=True))
    pair = one.owner[known // width] * len(two.start) + two.owner[known % width]
    order = np.argsort(pair, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    bounds = np.searchsorted(pair[order], np.append(pairs[:, 0] * len(two.start) + pairs[:, 1], np.iinfo(np.int64).max))
    at = [place[np.searchsorted(known, keys)] for keys in (starts, source, target)]
    # Edges in the order of their nodes: sums then do not depend on which other pairs are here.
    edge = np.lexsort((at[2], at[1]))
    nodes = known[order]
    return Chain(nodes // width, nodes % width, bounds, at[0], at[1][edge], at[2][edge], chance[edge])


def _edges(one: Automata, two: Automata, nodes: Ints, width: int) -> tuple[Ints, Ints, Floats]:
    """Where some joint states may lead, each pair of states once: sources, targets, chances."""
    s, t = nodes // width, nodes % width
    joint = (one.play[s][:, :, None] * two.play[t][:, None, :]).reshape(len(nodes), -1)
    node, code = np.nonzero(joint)
    read = one.chance[s[node], code][:, :, None] * two.chance[t[node], code][:, None, :]
    chance = joint[node, code][:, None, None] * read
    target = one.then[s[node], code][:, :, None] * width + two.then[t[node], code][:, None, :]
    row, i, j = np.nonzero(chance)
    source, target, weight = node[row], target[row, i, j], chance[row, i, j]
    order = np.lexsort((target, source))
    source, target, weight = source[order], target[order], weight[order]
    fresh = np.append(True, (np.diff(source) != 0) | (np.diff(target) != 0))
    merged: Floats = np.bincount(np.cumsum(fresh) - 1, weights=weight).astype(np.float64)
    return nodes[source[fresh]], target[fresh], merged


def walked(chain: Chain, rounds: int, discount: float) -> Floats:
    """How much of its time each joint state takes, ``(nodes,)``: all pairs walked a round at a time."""
    now: Floats = np.zeros(len(chain.first))
    total, weight, mass = np.zeros(len(chain.first)), 1.0, 0.0
    now[chain.start] = 1.0
    for _ in range(rounds):
        total += weight * now
        mass += weight
        weight *= discount
        now = np.bincount(chain.target, now[chain.source] * chain.chance, len(now)).astype(np.float64, copy=False)
    return total / mass


def shares(chain: Chain, rounds: int, discount: float) -> Floats:
    """How much of its time each joint state takes, ``(nodes,)``, over so many rounds, the way that is cheaper."""
    if rounds < LONG:
        return walked(chain, rounds, discount)
    small = np.diff(chain.bounds) <= DENSE
    share = squared(chain, np.flatnonzero(small), rounds, discount)
    if not small.all():
        other = ~small[_owner(chain)]
        share[other] = walked(chain, rounds, discount)[other]
    return share


def settled(chain: Chain) -> Floats:
    """Long-run share of time of each joint state, ``(nodes,)``; raises UsageError where a pair has too many of them."""
    most = int(np.diff(chain.bounds).max())
    if most > WIDEST:
        known = f"at most {WIDEST} for the long run"
        raise UsageError(f"two machines reach {most} joint states", expected=known, remedy="Give rounds instead.")
    return squared(chain, np.arange(len(chain.bounds) - 1), None, 1.0)


def squared(chain: Chain, pairs: Ints, rounds: int | None, discount: float) -> Floats:
    """Shares by squaring the matrices of some pairs, equal sizes together; ``rounds`` None is the long-run mean."""
    share, sizes, owner = np.zeros(len(chain.first)), np.diff(chain.bounds)[pairs], _owner(chain)
    for size in np.unique(sizes):
        members = pairs[sizes == size]
        for some in np.array_split(members, -(-len(members) * int(size) ** 2 // 2**22)):
            matrix, start = _matrices(chain, some, owner, int(size))
            part = longrun(matrix, start) if rounds is None else summed(matrix, start, rounds, discount)
            share[chain.bounds[some][:, None] + np.arange(size)] = part
    return share


def _owner(chain: Chain) -> Ints:
    return np.repeat(np.arange(len(chain.bounds) - 1), np.diff(chain.bounds))


def _matrices(chain: Chain, some: Ints, owner: Ints, size: int) -> tuple[Floats, Floats]:
    index = np.full(len(chain.bounds) - 1, -1)
    index[some] = np.arange(len(some))
    edge = np.flatnonzero(index[owner[chain.source]] >= 0)
    source, target = chain.source[edge], chain.target[edge]
    pair, low = index[owner[source]], chain.bounds[owner[source]]
    matrix = np.zeros((len(some), size, size))
    matrix[pair, source - low, target - low] = chain.chance[edge]
    start = np.zeros((len(some), size))
    start[np.arange(len(some)), chain.start[some] - chain.bounds[some]] = 1.0
    return matrix, start


def longrun(matrix: Floats, start: Floats) -> Floats:
    """Long-run share of time in every state (Cesaro limit), ``(pairs, states)``, for any chain, periodic or reducible.

    The lazy chain, which stays put every other round, has the same limit and no period, so its powers converge.
    Rows are brought back to one after each squaring: then rounding stays relative (O'Cinneide 1993).
    """
    power = (matrix + np.eye(matrix.shape[1])) / 2
    active = np.arange(len(matrix))
    for _ in range(SQUARINGS):
        was = power[active]
        now = was @ was
        now /= now.sum(axis=2, keepdims=True)
        power[active] = now
        active = active[np.abs(now - was).max(axis=(1, 2)) > 1e-14]
        if not len(active):
            break
    return _left(start, power)


def summed(matrix: Floats, start: Floats, rounds: int, discount: float) -> Floats:
    """Discounted share of time in every state ``(pairs, states)``, in log2(rounds) squarings."""
    total: Floats = np.zeros_like(start)
    now, power = start, matrix
    while rounds > 1:
        if rounds % 2:
            total += now
            now = discount * _left(now, power)
        now = now + discount * _left(now, power)
        rounds, discount = rounds // 2, discount * discount
        if rounds > 1:
            power = power @ power
            power /= power.sum(axis=2, keepdims=True)
    total += now
    total /= total.sum(axis=1, keepdims=True)
    return total


def _left(rows: Floats, matrix: Floats) -> Floats:
    moved: Floats = (rows[:, None, :] @ matrix)[:, 0]
    return moved
