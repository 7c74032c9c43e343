"""Draw days as bars in SVG, coloured by the style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup
from msgspec import Struct

#: Of the drawing; it is scaled to the page, so that a phone shows text at three quarters of its size.
_WIDTH, _HEIGHT = 480, 190
_LEFT, _TOP, _BOTTOM = 48, 12, 24
#: Steps of the axis, times a power of ten.
_STEPS = (1, 2, 5, 10)
#: Lines of the axis, about.
_LINES = 4
_RULED = Markup('<path class="grid" d="M{0} {1:.1f}H{2}"/><text x="{3}" y="{4:.1f}" text-anchor="end">{5:,}</text>')
_BAR = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')


class Bar(Struct, frozen=True, kw_only=True):
    """One day."""

    day: date
    #: From the bottom up, one for each colour.
    parts: tuple[int, ...]
    #: What a pointer is told.
    said: str


def draw_bars(bars: Sequence[Bar], *, name: str, colours: str) -> Markup:
    """The days side by side; ``name`` is what it shows for those who do not see it, ``colours`` a class for each part.

    The figures must stand beside it as a table.
    """
    most = max((sum(bar.parts) for bar in bars), default=0)
    step = _step(most)
    top = step * max(1, -(-most // step))
    scale = (_HEIGHT - _TOP - _BOTTOM) / top
    lines = Markup("").join(_line(value, scale) for value in range(0, top + 1, step))
    width = (_WIDTH - _LEFT) / max(1, len(bars))
    drawn = Markup("").join(_bar(bar, n, width, scale, colours) for n, bar in enumerate(bars))
    days = Markup("").join(_day(bar.day, n, width) for n, bar in enumerate(bars) if _is_told(n, len(bars)))
    frame = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>')
    return frame.format(_WIDTH, _HEIGHT, name, lines, drawn, days)


def _step(most: int) -> int:
    """A round number that fits about four times."""
    wanted, power = max(1.0, most / _LINES), 1
    while power * _STEPS[-1] < wanted:
        power *= 10
    return next(power * step for step in _STEPS if power * step >= wanted)


def _line(value: int, scale: float) -> Markup:
    y = _HEIGHT - _BOTTOM - value * scale
    return _RULED.format(_LEFT, y, _WIDTH, _LEFT - 6, y + 4, value)


def _bar(bar: Bar, place: int, width: float, scale: float, colours: str) -> Markup:
    x, y = _LEFT + place * width + width * 0.12, float(_HEIGHT - _BOTTOM)
    shapes = []
    for part, colour in zip(bar.parts, colours, strict=True):
        if part:
            height = part * scale
            y -= height
            shapes.append(_BAR.format(colour, x, y, width * 0.76, height))
    return Markup("<g><title>{}</title>{}</g>").format(bar.said, Markup("").join(shapes)) if shapes else Markup("")


def _is_told(place: int, count: int) -> bool:
    """About five days are named; the last one always, if the one before leaves it room."""
    every = max(1, count // 5)
    return place == count - 1 or (place % every == 0 and count - 1 - place > every // 2)


def _day(day: date, place: int, width: float) -> Markup:
    x = min(_LEFT + (place + 0.5) * width, _WIDTH - 18)
    return Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{:%m-%d}</text>').format(x, _HEIGHT - 6, day)
