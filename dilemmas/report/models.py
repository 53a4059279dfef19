"""What models did, in lines for people: how far their answers could be used, and a warning where too many could not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dilemmas.errors import many, pasted
from dilemmas.results import Table

TOO_MANY = 0.05  # share of answers that could not be used at first ask from which a warning is due


def lines(tables: Mapping[str, Table]) -> list[str]:
    """A line a model, over all runs; empty where none took part."""
    return [_told(row) for row in summary(tables)]


def warnings(tables: Mapping[str, Table], folder: str = "") -> list[str]:
    """What a reader of the results must know: too many unusable answers, answers put in, a stand-in."""
    found = []
    for row in summary(tables):
        read = f"; read them with: dilemmas read {pasted(folder)} --refused" if folder else ""
        if row["invalid_share"] > TOO_MANY:
            share = f"{100 * row['invalid_share']:.1f} % of the answers of {row['model']}"
            found.append(f"warning: {share} could not be used at first ask (more than {100 * TOO_MANY:g} %){read}")
        if row["steps_invalid_share"] > TOO_MANY:
            share = f"{100 * row['steps_invalid_share']:.1f} % of the answers of {row['model']} before its choices"
            found.append(f"warning: {share} (predictions, notes, thoughts) could not be used at first ask{read}")
        if row["imputed_share"] > 0:
            share = f"{100 * row['imputed_share']:.1f} % of the answers of {row['model']}"
            found.append(f"warning: {share} were put in by the rule of the experiment{read}")
        if row["simulated"]:
            found.append(f"warning: a stand-in answered for {row['model']}: these are no results")
    return found


def summary(tables: Mapping[str, Table]) -> list[dict[str, Any]]:
    """The models table over all runs: shares weighted by decisions."""
    if "models" not in tables:
        return []
    table = tables["models"]
    names = table.list("model")
    return [_over(table, np.array([name == model for name in names]), model) for model in dict.fromkeys(names)]


def _over(table: Table, rows: Any, model: str) -> dict[str, Any]:
    decisions = table.numbers("decisions")[rows]
    row: dict[str, Any] = {"model": model, "decisions": int(decisions.sum())}
    for name in ("invalid_share", "refused_share", "imputed_share"):
        row[name] = _weighed(table.numbers(name)[rows], decisions) or 0.0
    steps, asked = _counted(table, "steps", rows), _counted(table, "predictions_asked", rows)
    invalid = _weighed(table.numbers("steps_invalid_share")[rows], steps) if steps.any() else None
    row |= {"steps": int(steps.sum()), "steps_invalid_share": invalid or 0.0, "predictions_asked": int(asked.sum())}
    predictions = table.numbers("predictions")[rows]
    row["predictions"] = int(predictions.sum())
    row["prediction_share"] = _weighed(table.numbers("prediction_share")[rows], predictions)
    row["cooperation"] = _weighed(table.numbers("cooperation")[rows], decisions)
    row["simulated"] = bool((table.numbers("simulated")[rows] == 1).any())
    return row


def _counted(table: Table, name: str, rows: Any) -> Any:
    """Numbers of a column that a folder from before it was there, or a run without them, lacks."""
    return np.nan_to_num(table.numbers(name)[rows]) if name in table else np.zeros(int(rows.sum()))


def _weighed(values: Any, weights: Any) -> float | None:
    known = ~np.isnan(values) & (weights > 0)
    return float((values[known] * weights[known]).sum() / weights[known].sum()) if known.any() else None


def _told(row: Mapping[str, Any]) -> str:
    parts = [many(row["decisions"], "decision"), f"{100 * row['invalid_share']:.1f} % unusable at first ask"]
    if row["steps_invalid_share"]:
        parts[-1] += f" ({100 * row['steps_invalid_share']:.1f} % of {many(row['steps'], 'step')} before it)"
    parts += [f"{100 * row['refused_share']:.1f} % refused"] if row["refused_share"] else []
    parts += [f"{100 * row['imputed_share']:.1f} % put in"] if row["imputed_share"] else []
    if row["prediction_share"] is not None or row["predictions_asked"]:
        parts.append(_foretold(row))
    if row["cooperation"] is not None:
        parts.append(f"cooperates {100 * row['cooperation']:.0f} %")
    return f"{row['model']}: {', '.join(parts)}"


def _foretold(row: Mapping[str, Any]) -> str:
    """How many predictions came true, and of how many where some could not be judged."""
    judged, asked = row["predictions"], max(row["predictions_asked"], row["predictions"])
    which = "predictions" if judged == asked else f"{judged:,} of {asked:,} predictions"
    return (
        f"{100 * row['prediction_share']:.0f} % of {which} right" if judged else f"none of {asked:,} predictions judged"
    )
