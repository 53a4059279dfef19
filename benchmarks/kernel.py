"""A compiled loop over matches, held by the benchmark alone: the yardstick of what the batch engine leaves unused."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.measure import UnavailableError


def compiled() -> Any:
    """``run(play, then, who, rounds, noise, draws) -> counts``; one thread, splitmix64 for chance."""
    try:
        import numba
    except ImportError as error:
        raise UnavailableError("numba is not installed (pip install 'dilemmas[bench]')") from error

    @numba.njit(inline="always")
    def uniform(state: Any) -> Any:
        state[0] += np.uint64(0x9E3779B97F4A7C15)
        z = state[0]
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.float32(z >> np.uint64(40)) * np.float32(2.0**-24)

    @numba.njit
    def run(play: Any, then: Any, who: Any, rounds: Any, noise: Any, draws: Any) -> Any:
        counts = np.zeros((who.shape[0], 4), np.int64)
        state = np.zeros(1, np.uint64)
        for match in range(who.shape[0]):
            state[0] = match * np.uint64(7919)
            one, two = who[match, 0], who[match, 1]
            for _ in range(rounds):
                if draws:
                    a, b = uniform(state) >= play[one], uniform(state) >= play[two]
                else:
                    a, b = play[one] < 0.5, play[two] < 0.5
                if noise > 0:
                    a, b = a ^ (uniform(state) < noise), b ^ (uniform(state) < noise)
                counts[match, 2 * a + b] += 1
                one, two = then[one, 2 * a + b], then[two, 2 * b + a]
        return counts

    return run
