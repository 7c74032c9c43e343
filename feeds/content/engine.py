"""The Markdown engines: comrak, or markdown-it-py where comrak has no wheel (Windows)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from urllib.parse import quote

#: Two noncharacters, which no text holds once those that a feed may not hold were removed: marks that survive engine
#: and sanitiser. ``ESCAPED`` stands after each escaped bracket.
ESCAPED = "\ufdd0"
_TILDE = "\ufdd1"

#: What an engine reads beside CommonMark, by the name of the thing.
TABLES = "tables"
EMOJI = "emoji"

_Engine = Callable[[str], str]


@cache
def engine_for(extras: frozenset[str]) -> _Engine:
    """The engine at hand; ``extras`` are ``TABLES`` and ``EMOJI``."""
    try:
        return comrak_engine(extras)
    except ImportError:
        return markdown_it_engine(extras)


def comrak_engine(extras: frozenset[str]) -> _Engine:
    """CommonMark with what Hugo's goldmark adds, and emphasis that works beside Chinese punctuation."""
    import comrak  # noqa: PLC0415 - not on every platform

    extensions = comrak.ExtensionOptions()
    extensions.cjk_friendly_emphasis = True
    extensions.description_lists = True
    extensions.strikethrough = True
    extensions.table = TABLES in extras
    extensions.shortcodes = EMOJI in extras  # GitHub's names, as in Hugo; never in code or addresses
    parsing, rendering = comrak.ParseOptions(), comrak.RenderOptions()
    rendering.unsafe_ = True  # raw HTML passes; it is sanitised afterwards
    return lambda source: comrak.render_markdown(source, extensions, parsing, rendering)


def markdown_it_engine(extras: frozenset[str]) -> _Engine:
    """Limits: ``**粗体：**文字`` stays unmarked (CommonMark's rule), no definition lists, 20 levels, no emoji names."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - not on every platform

    engine = MarkdownIt("commonmark", {"html": True}).enable("strikethrough")
    if TABLES in extras:
        engine.enable("table")
    return engine.render


#: A backslash before a bracket, itself not escaped.
_ESCAPED_BRACKET = re.compile(r"(?<!\\)((?:\\\\)*\\\[)")
#: ``10~20万，30~40万`` is two ranges; GFM would strike out what stands between.
_SINGLE_TILDE = re.compile(r"(?<![~\\])~(?!~)")


def render(source: str, extras: frozenset[str] = frozenset({TABLES})) -> str:
    """What the engine makes of it, with ``ESCAPED`` after each escaped bracket. Not sanitised."""
    if "\\" in source:
        source = _ESCAPED_BRACKET.sub(rf"\1{ESCAPED}", source)
    if "~" not in source:
        return engine_for(extras)(source)
    rendered = engine_for(extras)(_SINGLE_TILDE.sub(_TILDE, source))
    return rendered.replace(_TILDE, "~").replace(quote(_TILDE), "~")
