"""Images that a script of the site would load later: give them their address, since no script runs in a feed reader.

The real address stands in ``data-src`` or the like, beside nothing or a placeholder, or the real image stands once
more in a ``<noscript>`` behind it.
"""

from __future__ import annotations

import re
from html import unescape

#: In the order in which they are believed.
_SOURCES = (
    "data-src", "data-lazy-src", "data-original", "data-original-src", "data-actualsrc", "data-lazy", "data-lazyload",
    "data-echo", "data-hi-res-src", "data-full-src", "data-orig-file",
)  # fmt: skip
_SOURCE_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
#: Quotes may hold a ``>``. A tag ends before the next ``<`` at the latest, so all tags together are linear.
_ATTRIBUTES = r"(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+"
_MEDIUM = re.compile(rf"<(img|source|iframe|video|audio)(?=[\s/])({_ATTRIBUTES})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_ADDRESS = re.compile(r"[^\s<>]{1,4000}")
#: Names of images that stand for one that is yet to come.
_PLACEHOLDER = re.compile(
    r"data:|about:blank|(?:.*[/_-])?(?:placeholder|blank|spacer|loading|loader|lazy|transparent|pixel|1x1|grey|gray)"
    r"(?:[._-][\w.-]*)?\.(?:gif|png|svg|jpe?g|webp)(?:[?#].*)?\Z",
    re.IGNORECASE,
)
_NOSCRIPT = re.compile(r"<noscript(?:\s[^<>]*)?>", re.IGNORECASE)
_NOSCRIPT_END = re.compile(r"</noscript\s*>", re.IGNORECASE)


def load_lazy(html: str) -> str:
    """HTML, not yet sanitised, whose images have their addresses."""
    if "data-" in html or "DATA-" in html:
        html = _MEDIUM.sub(_loaded, html)
    return _with_fallbacks(html) if "<noscript" in html.lower() else html


def _loaded(tag: re.Match[str]) -> str:
    values = _values(tag[2])
    source = next((values[name] for name in _SOURCES if _ADDRESS.fullmatch(values.get(name, ""))), "")
    candidates = next((values[name] for name in _SOURCE_SETS if values.get(name)), "")
    if not source and not candidates:
        return tag[0]
    if source:
        values["src"] = source
    if candidates:
        values["srcset"] = candidates
        if tag[1].lower() == "img" and _is_placeholder(values.get("src", "")):
            values["src"] = next(iter(candidates.split(", ")[-1].split()), "")
    elif _PLACEHOLDER.match(values.get("srcset", "")):
        del values["srcset"]
    return f"<{tag[1]}{''.join(_written(*pair) for pair in values.items() if not pair[0].startswith('data-'))}>"


def _values(attributes: str) -> dict[str, str]:
    """Name -> value as written, still escaped."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(attributes):
        found.setdefault(name.lower(), (double or single or bare).strip())
    return found


def _written(name: str, value: str) -> str:
    quoted = value.replace('"', "&quot;")
    return f' {name}="{quoted}"'


def _is_placeholder(source: str) -> bool:
    return not source or _PLACEHOLDER.match(source) is not None


def _with_fallbacks(html: str) -> str:
    """Take the images out of ``<noscript>`` that nothing else shows; one goes in for the placeholder before it."""
    *pieces, (rest, _) = _around_noscripts(html)
    shown = {_source_of(tag[2]) for text in (*(text for text, _ in pieces), rest) for tag in _images(text)}
    parts: list[str] = []
    for text, inner in pieces:
        missing = {_source_of(tag[2]): tag[0] for tag in _images(inner) if _source_of(tag[2]) not in {"", *shown}}
        parts += [_without_placeholder(text) if missing else text, *missing.values()]
        shown.update(missing)
    return "".join((*parts, rest))


def _around_noscripts(html: str) -> list[tuple[str, str]]:
    """(what stands before a ``<noscript>``, what stands in it); at last (the rest, nothing)."""
    pieces: list[tuple[str, str]] = []
    position = 0
    while (opening := _NOSCRIPT.search(html, position)) is not None:
        closing = _NOSCRIPT_END.search(html, opening.end())
        if closing is None:
            break
        pieces.append((html[position : opening.start()], html[opening.end() : closing.start()]))
        position = closing.end()
    return [*pieces, (html[position:], "")]


def _images(html: str) -> list[re.Match[str]]:
    return [tag for tag in _MEDIUM.finditer(html) if tag[1].lower() == "img"] if "<" in html else []


def _source_of(attributes: str) -> str:
    return unescape(_values(attributes).get("src", ""))


def _without_placeholder(html: str) -> str:
    """Without the image at its end, if that stands for one that is yet to come."""
    start = html.rfind("<img")
    tag = _MEDIUM.match(html, start) if start >= 0 else None
    if tag is None or html[tag.end() :].strip() or not _is_placeholder(_source_of(tag[2])):
        return html
    return html[:start]
