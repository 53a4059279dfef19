"""How a strategy mutates: another one from a pool, or the same with its numbers or its table perturbed.

Mutated numbers have four decimals, and the name of a mutant shows them (``constant-donor:fraction=0.4731``), so that
what a table calls a strategy is the strategy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from dilemmas.errors import Misfit, UnknownName, UsageError, nearest
from dilemmas.strategies.machine import Machine, State
from dilemmas.strategies.rule import Rule
from dilemmas.strategies.strategy import Strategy

WHERE = "inheritance"
DECIMALS = 4
SHOWN = 6  # states of a table that a name spells out; a larger table gets a short digest instead

Noise = Callable[[int], float]  # the k-th standard normal number of a newcomer, the same for the same k


def another(strategy: Strategy, pool: Sequence[Strategy], coin: float) -> Strategy:
    """A strategy of the pool with another name, by a uniform number; raises UsageError where there is none."""
    others = [other for other in pool if other.name != strategy.name]
    if not others:
        raise UsageError(f"{strategy.name!r} has nothing to mutate to", where=WHERE, expected="another in the pool")
    return others[int(coin * len(others))]


def perturbed(strategy: Strategy, noise: Noise, sd: float, only: Sequence[str] = ()) -> Strategy:
    """The strategy with normal noise of ``sd`` on its numbers: parameters of a rule, chances of a machine.

    Results are cut to the range of the parameter, or to [0, 1]. ``only`` names the parameters of rules that may
    change, by default all that have a range. A strategy without any is handed back as it is.
    """
    if isinstance(strategy, Machine):
        return _machine(strategy, noise, sd) if _tokens(strategy) else strategy
    if isinstance(strategy, Rule):
        return _rule(strategy, noise, sd, only) if numbers(strategy, only) else strategy
    return strategy


def numbers(rule: Rule, only: Sequence[str] = ()) -> list[str]:
    """Names of the parameters of a rule that have a range, among ``only`` where it names any."""
    return [key for key, spec in rule.law.parameters.items() if not spec.free and (not only or key in only)]


def check(strategies: Sequence[Strategy], only: Sequence[str] = ()) -> None:
    """Raise Misfit where no strategy has anything to perturb, UnknownName for a parameter that none of them has."""
    known = sorted({key for strategy in strategies if isinstance(strategy, Rule) for key in numbers(strategy)})
    for key in only:
        if key not in known:
            expected = ", ".join(known) or "no names: no strategy here has numbers"
            found, remedy = f"no strategy here has a number {key!r}", nearest(key, known)
            raise UnknownName(found, where=f"{WHERE}.only", expected=expected, remedy=remedy)
    if not known and not any(isinstance(strategy, Machine) and _tokens(strategy) for strategy in strategies):
        names = ", ".join(sorted({strategy.name for strategy in strategies}))
        found = f"none of {names} has numbers to mutate"
        raise Misfit(found, where=WHERE, expected="a rule with numbers or a machine", remedy="Use to: strategies.")


def _rule(rule: Rule, noise: Noise, sd: float, only: Sequence[str]) -> Rule:
    changed = {}
    for key in numbers(rule, only):
        spec = rule.law.parameters[key]
        k = list(rule.law.parameters).index(key)  # its own noise, whatever else may change
        changed[key] = _within(rule.parameters[key] + sd * noise(k), spec.low, spec.high)
    return replace(rule, name=titled(rule.name, changed), parameters={**rule.parameters, **changed})


def _within(value: float, low: float, high: float) -> float:
    return float(min(max(round(value, DECIMALS), low), high))


def titled(name: str, numbers: Mapping[str, float]) -> str:
    """A name with numbers put in, or replaced where it shows them already."""
    base, *parts = name.split(":")
    shown = dict(part.partition("=")[::2] for part in parts)
    shown |= {key: f"{value:.15g}" for key, value in numbers.items()}
    return ":".join([base, *(f"{key}={value}" for key, value in shown.items())])


def _machine(machine: Machine, noise: Noise, sd: float) -> Machine:
    tokens = _tokens(machine)
    plays = {name: _chances(state.play, tokens, noise, k, sd) for k, (name, state) in enumerate(machine.states.items())}
    states = {name: State(plays[name], state.then) for name, state in machine.states.items()}
    return replace(machine, name=_called(machine, tokens, plays), states=states, parameters={})


def _tokens(machine: Machine) -> list[str]:
    """The actions that a machine can come to play: C and D together, else those it names, or one and all others.

    Empty for a machine that plays anything at random in every state: no chance of its own to move.
    """
    found = list(dict.fromkeys(token for state in machine.states.values() for token in state.play))
    if set(found) <= {"C", "D"}:
        return ["C", "D"]
    if len(found) > 1:
        return found
    return [] if found == ["*"] else [*found, "*"]


def _chances(play: Mapping[str, float], tokens: Sequence[str], noise: Noise, k: int, sd: float) -> dict[str, float]:
    """The chance of one action moves (the first of two; else a drawn one), the others share what is left as before."""
    first = k * (1 + len(tokens))
    drawn = max(range(len(tokens)), key=lambda i: noise(first + 1 + i))  # each as likely
    moved = tokens[0 if len(tokens) == 2 else drawn]
    chance = _within(play.get(moved, 0.0) + sd * noise(first), 0.0, 1.0)
    rest = {token: play.get(token, 0.0) for token in tokens if token != moved}
    total = sum(rest.values())
    shares = {token: value / total if total > 0 else 1 / len(rest) for token, value in rest.items()}
    return {token: chance if token == moved else shares[token] * (1 - chance) for token in tokens}


def _called(machine: Machine, tokens: Sequence[str], plays: Mapping[str, Mapping[str, float]]) -> str:
    if len(tokens) == 2 and len(plays) <= SHOWN:
        return titled(machine.name.split(":")[0], {name: play[tokens[0]] for name, play in plays.items()})
    digest = hashlib.sha256(repr([sorted(play.items()) for play in plays.values()]).encode()).hexdigest()
    return f"{machine.name.split('~')[0]}~{digest[:6]}"
