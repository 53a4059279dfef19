"""How figures look: size, letters, colours that differ in hue and in grey, names that fit; and how they are saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dilemmas.errors import UsageError
from dilemmas.results import whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Wong (2011), "Points of view: color blindness", in an order in which neighbours also differ in grey.
COLOURS = ("#0072B2", "#E69F00", "#000000", "#56B4E9", "#D55E00", "#CC79A7", "#009E73", "#F0E442")
REST = "#D9D9D9"
INK, FAINT = "#222222", "#8A8A8A"
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (3, 1)), (0, (1, 1)), (0, (8, 2)))
HATCHES = ("", "////", "", "....", "\\\\\\\\", "", "xxxx", "----")
FORMATS = ("png", "svg", "pdf")
DPI = 200


@dataclass(frozen=True)
class Style:
    """Width of a figure in inches (3.4 fills a column of a paper), size of letters in points, and the y scale.

    ``log`` is a logarithmic payoff axis: yes, no, or None where it is chosen by the range of what is drawn.
    """

    width: float = 6.4
    font: float = 8.0
    log: bool | None = None

    @property
    def narrow(self) -> bool:
        """Whether the figure is a column wide."""
        return self.width < 4.5

    @property
    def letters(self) -> int:
        """How many letters a label beside an axis may have."""
        return max(12, round(self.width * 56 / self.font))

    def settings(self) -> dict[str, Any]:
        """The settings of matplotlib under which figures are made and saved."""
        small = self.font * 0.9
        sizes = {
            "axes.labelsize": self.font,
            "xtick.labelsize": small,
            "ytick.labelsize": small,
            "legend.fontsize": small,
        }
        return {
            "font.size": self.font,
            "axes.titlesize": self.font,
            **sizes,
            "text.parse_math": False,  # a strategy may be called $x$
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.unicode_minus": True,
            "axes.linewidth": 0.6,
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "hatch.linewidth": 0.5,
            "legend.frameon": False,
            "legend.handlelength": 2.6,
            "lines.linewidth": 1.3,
            "lines.markersize": 4,
            "svg.fonttype": "path",  # looks the same where the letters are not installed
            "pdf.fonttype": 42,
            "svg.hashsalt": "dilemmas",
        }


def checked(formats: Iterable[str]) -> tuple[str, ...]:
    """The formats of figures, or an error that names the wrong one."""
    wanted = tuple(formats)
    wrong = next((each for each in wanted if each not in FORMATS), None)
    if wrong is not None:
        raise UsageError(f"no figure can be written as {wrong!r}", expected=", ".join(FORMATS))
    return wanted


def colour(index: int) -> str:
    """The colour of the index-th line or area; it comes again after eight."""
    return COLOURS[index % len(COLOURS)]


def look(index: int) -> dict[str, Any]:
    """Colour, line and marker of the index-th line: told apart without any one of the three."""
    turn = index // len(COLOURS)
    return {
        "color": colour(index),
        "linestyle": LINES[(index + turn) % len(LINES)],
        "marker": MARKERS[(index + 3 * turn) % len(MARKERS)],
    }


def short(name: str, letters: int) -> str:
    """A name in at most so many letters, the middle left out, every letter one that can be drawn."""
    plain = drawable(name)
    if len(plain) <= letters:
        return plain
    tail = (letters - 1) * 2 // 5
    return plain[: letters - 1 - tail] + "…" + (plain[-tail:] if tail else "")


def distinct(names: Sequence[str], letters: int) -> list[str]:
    """Short names that still differ; those that became alike are told apart by a number."""
    result: list[str] = []
    seen: set[str] = set()
    for name in names:
        label, count = short(name, letters), 1
        while label in seen:
            count += 1
            label = short(name, letters - len(f"~{count}")) + f"~{count}"
        seen.add(label)
        result.append(label)
    return result


def drawable(text: str) -> str:
    """Text in which each character that the letters of figures lack is an empty box."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char.isprintable() and _known(char) else "\u25a1" for char in text)


@cache
def _known(char: str) -> bool:
    return bool(_letters().get_char_index(ord(char))) and not 0xD800 <= ord(char) < 0xE000


@cache
def _letters() -> Any:
    from matplotlib import font_manager

    return font_manager.get_font(font_manager.findfont("DejaVu Sans"))


def figure(style: Style, height: float) -> Figure:
    """An empty figure that lays itself out; height in inches. Call under :meth:`Style.settings`."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(style.width, height), dpi=DPI)  # letters are as wide as they will be
    made.set_layout_engine("constrained", w_pad=0.05, h_pad=0.05)
    return made


def save(made: Figure, path: Path, formats: Iterable[str]) -> list[Path]:
    """Write a figure beside ``path`` in every format; the same figure gives the same bytes."""
    engine = made.get_layout_engine()
    if engine is not None:
        engine.execute(made)  # laid out once, for all formats alike; each save would do it again, and draw to do it
        made.set_layout_engine(None)
    return [_save(made, path, kind) for kind in formats]


def _save(made: Figure, path: Path, kind: str) -> Path:
    dated = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
    target = path.with_name(f"{path.name}.{kind}")
    with whole(target) as half:
        made.savefig(half, format=kind, dpi=DPI, metadata=dated[kind])
    return target
