"""``python -m benchmarks [SECTION...]``: every measurement in one run, or some of them."""

from __future__ import annotations

import argparse
import os

# One thread everywhere, before numpy is loaded: figures are per core.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")


def main() -> None:
    from benchmarks import calls, donors, growth, live, measure, pairs, rounds, told, tournament

    sections = {
        "tournament": tournament.in_process,
        "processes": tournament.whole,
        "rounds": rounds.section,
        "exact": pairs.section,
        "donors": donors.section,
        "growth": growth.section,
        "calls": calls.section,
        "live": live.section,
        "told": told.section,
    }
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("section", nargs="*", choices=[[], *sections], help="what to measure (default: everything)")
    chosen = parser.parse_args().section or list(sections)
    print(measure.machine())
    for section in chosen:
        measure.guarded(section, sections[section])
    print(f"\n{measure.load()} at the end. Medians of several repeats; processor seconds (Windows: by the clock).")


if __name__ == "__main__":
    main()
