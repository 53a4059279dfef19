"""The same tournaments in Axelrod-Python; run by an interpreter that has it: ``python axelrod_side.py '[{...}, ...]'``.

It knows nothing of this package. Prints one line of JSON: seconds of the import, and of every repeat of every order.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from typing import Any

CLOCK = time.perf_counter if os.name == "nt" else time.process_time


def main() -> None:
    orders = json.loads(sys.argv[1])
    warnings.simplefilter("ignore")
    began = CLOCK()
    import axelrod

    imported = CLOCK() - began
    taken = [_played(axelrod, order) for order in orders]
    print(json.dumps({"version": axelrod.__version__, "import": imported, "seconds": taken}))


def _played(axelrod: Any, order: dict[str, Any]) -> list[float]:
    players = [getattr(axelrod, name)() for name in order["players"]]
    taken = []
    for _ in range(order["repeats"]):
        began = CLOCK()
        field = axelrod.Tournament(
            players, turns=order["turns"], repetitions=order["repetitions"], noise=order["noise"], seed=1
        )
        results = field.play(progress_bar=False)
        if order.get("write"):
            results.write_summary(order["write"])
        taken.append(CLOCK() - began)
    return taken


if __name__ == "__main__":
    main()
