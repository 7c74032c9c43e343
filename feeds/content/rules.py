"""What a site's generator makes of Markdown beside Markdown: values that the reader of its settings fills in."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

#: Whose extras of Markdown apply. "" is an unknown generator: then only what can mean nothing else is taken.
DIALECTS = ("", "hugo", "jekyll", "hexo", "zola", "obsidian")


class MathRules(Struct, frozen=True):
    """Which delimiters stand around formulas; each a pair (opening, closing), ``$`` and ``$`` for instance."""

    block: tuple[tuple[str, str], ...] = (("$$", "$$"), ("\\[", "\\]"))
    inline: tuple[tuple[str, str], ...] = (("$", "$"), ("\\(", "\\)"))
    #: Nobody configured them: only what looks like a formula is one, since prices and escaped brackets are not.
    careful: bool = False


#: For a site that says nothing of formulas.
GUESSED_MATH = MathRules(careful=True)


class RenderRules(Struct, frozen=True):
    """How the text of a site's articles is rendered.

    The defaults are for a folder of Markdown whose generator nobody knows.
    """

    #: One of ``DIALECTS``.
    dialect: str = ""
    #: Where formulas are left as they are written; None where the generator knows none (Hugo without passthrough).
    math: MathRules | None = GUESSED_MATH
    #: ``:smile:`` is a character (Hugo's enableEmoji).
    emoji: bool = False


class PageFacts(Struct, frozen=True):
    """What rendering a text needs to know of the page that it stands on."""

    #: The article's HTML page, absolute; relative addresses and anchors are relative to it.
    url: str
    #: Where the site is served, absolute; where it is not given, the root of the page's host.
    site_url: str = ""
    rules: RenderRules = RenderRules()
    #: Where references to other articles lead: reference as it is written -> absolute address (see references.py).
    known: Mapping[str, str] = field(default_factory=dict)
    #: ``markdown`` or ``html``.
    markup: str = "markdown"
