"""A strategy for people: its sentence and source, and its table, or its parameters with their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dilemmas.cli.console import columns
from dilemmas.cli.show_game import Shown, plain, wrapped
from dilemmas.errors import many
from dilemmas.report import foreign
from dilemmas.specs import seats
from dilemmas.specs.seats import Seat
from dilemmas.strategies.machine import Machine, State
from dilemmas.strategies.prompted import Memory, Prompted, Step
from dilemmas.strategies.rule import Rule

LARGE = 40  # states up to which a table is printed whole


def show(name: str, given: Mapping[str, Any], width: int) -> Shown:
    """The lines for a screen, and the same as plain data."""
    strategy = seats.strategy(Seat(name, given), Path())
    lines, data = _head(name, strategy.name, width) if _is_file(name) else ([strategy.name], {})
    if isinstance(strategy, Machine):
        body = _machine(strategy, width)
        data["states"] = {
            key: {"play": dict(state.play), "then": dict(state.then)} for key, state in strategy.states.items()
        }
        data["start"] = strategy.start
    elif isinstance(strategy, Rule):
        body = _rule(strategy, width)
        data["parameters"] = dict(strategy.parameters)
    elif isinstance(strategy, Prompted):
        body, more = _prompted(strategy, width)
        data |= more
    else:
        body = wrapped(
            f"Python of its own ({getattr(strategy, 'source', '') or name}), asked for one decision or for all.",
            width,
        )
    return [*lines, "", *body], {"name": strategy.name, **data}


def _is_file(name: str) -> bool:
    return not name.startswith("axelrod/") and ".py" not in name


def _head(name: str, title: str, width: int) -> Shown:
    file, _ = seats.read_file(name, Path())
    family = "any game" if file.family == "any" else f"{file.family} games"
    lines = [f"{title} · a strategy for {family}", *wrapped(file.about, width)]
    lines += wrapped(f"Also known as: {', '.join(file.aka)}", width) if file.aka else []
    lines += wrapped(f"Source: {file.source}", width) if file.source else []
    return lines, {"about": file.about, "for": file.family, "aka": file.aka, "source": file.source}


def _machine(machine: Machine, width: int) -> list[str]:
    """States as a table: what is played, and the next state by what was seen (other's action, or own and other's)."""
    order = [machine.start, *(name for name in machine.states if name != machine.start)]
    shown = order[:LARGE]
    head = [("  state", "plays", "then")]
    rows = [(f"  {name}", _chances(machine.states[name]), _then(machine.states[name], name)) for name in shown]
    lines = [
        f"An automaton of {many(len(order), 'state')}; it starts in {machine.start}.",
        *columns([*head, *rows], width),
    ]
    if len(order) > LARGE:
        lines.append(f"  and {len(order) - LARGE} more states")
    if machine.parameters:
        lines += [
            "",
            "Parameters",
            *columns([(f"  {key}", plain(value)) for key, value in machine.parameters.items()], width),
        ]
    return lines


def _chances(state: State) -> str:
    sure = next((action for action, chance in state.play.items() if chance == 1), None)
    if sure is not None:
        return sure
    if set(state.play) == {"C", "D"}:
        return f"C with {state.play['C']:.4g}"
    return ", ".join(f"{action} {chance:.4g}" for action, chance in state.play.items() if chance)


def _then(state: State, own: str) -> str:
    targets = set(state.then.values())
    if len(targets) == 1:
        target = targets.pop()
        return "stays" if target == own else target
    if all(key == target for key, target in state.then.items()):
        return "the state named by own and the other's action"
    return ", ".join(f"{key}: {target}" for key, target in state.then.items())


def _rule(rule: Rule, width: int) -> list[str]:
    if not rule.law.parameters:
        return [f"The rule {rule.law.name}; no parameters."]
    rows = [("  name", "value", "range", "meaning")]
    for key, spec in rule.law.parameters.items():
        span = "" if spec.free else f"{spec.low:g} to {spec.high:g}"
        rows.append((f"  {key}", plain(rule.parameters[key]), span, spec.meaning))
    return [f"The rule {rule.law.name} with these numbers:", *columns(rows, width)]


def _prompted(strategy: Prompted, width: int) -> Shown:
    """Steps, memory, settings, and the templates as they are written."""
    steps = ", then ".join(_step(step) for step in strategy.steps)
    lines = wrapped(f"Played by a model, which is asked to {steps}. It is told {_memory(strategy.memory)}.", width)
    lines += wrapped(
        f"Sampling: {', '.join(f'{k} {v}' for k, v in strategy.sampling.items()) or 'as the provider has it'}", width
    )
    lines += wrapped(f"Persona: {foreign.line(strategy.persona)}", width) if strategy.persona else []
    if strategy.parameters:
        rows = [(f"  {key}", plain(value)) for key, value in strategy.parameters.items()]
        lines += ["", "Parameters", *columns(rows, width)]
    for name, text in strategy.templates.items():
        lines += ["", f"--- {name} ---", *foreign.visible(text).rstrip().split("\n")]
    lines += ["", *wrapped(f"As a seat gets it: dilemmas show {strategy.name} --prompt --game GAME", width)]
    return lines, {
        "steps": [vars(step) for step in strategy.steps],
        "memory": vars(strategy.memory),
        "sampling": dict(strategy.sampling),
        "persona": strategy.persona,
        "parameters": dict(strategy.parameters),
        "templates": dict(strategy.templates),
    }


def _step(step: Step) -> str:
    often = f" every {step.every} rounds" if step.every > 1 else ""
    return step.name + often + (f" from round {step.start}" if step.start > 1 else "")


def _memory(memory: Memory) -> str:
    window = (
        "all past rounds"
        if memory.window is None
        else f"the last {many(memory.window, 'round')}"
        if memory.window
        else ""
    )
    own = {"summary": "a summary of its own", "stream": f"the {memory.notes} notes of its own that matter most"}
    return " and ".join(part for part in (window, own.get(memory.kind, "")) if part) or "nothing of past rounds"
