"""Link what is text in sanitised HTML: markers of footnotes to the page's own anchors, bare addresses to themselves."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from feeds.content.engine import ESCAPED
from feeds.content.markers import fold_label, split_marker
from feeds.content.page_addresses import Addresses

#: Code, links and attributes are passed over; ``[^1]`` and bare addresses elsewhere are text. An address is ASCII: in
#: Chinese sentences the next word follows without a space.
_ADDRESS = r"(?:[A-Za-z0-9\-._~:/?#@!$'()*+,;=%]|&amp;)+"
_MARKER = (
    r"\[(?P<caret>[ \t]*\^[^\[\]<>\n]{1,1000})\]"
    r"|\[(?P<bare>\d{1,3}(?:[ \t]*[,，、][ \t]*\d{1,3}){0,9})\](?![(:])"
)
#: For text without links, code and attributes: three quarters of the articles, and in an eighth of the time.
_MARKERS = re.compile(_MARKER)
#: Each alternative begins with a character of its own: so the search skips from one to the next ten times as fast.
_LINKABLE = re.compile(
    r"<(?:(?P<tag>pre|code|a)[ >](?s:.*?)</(?P=tag)>|\w+ [^<>]*>)"
    rf"|{_MARKER}"
    rf"|https?://(?P<http>{_ADDRESS})"
    rf"|www\.(?P<www>(?<![A-Za-z0-9./-]www\.)(?=[A-Za-z0-9-]{{1,63}}\.){_ADDRESS})"
)
_AFTER_ADDRESS = ".,;:!?'*~_"


class PageLinks:
    """One page: what its addresses mean, and which labels its markers may name."""

    def __init__(self, addresses: Addresses, labels: Sequence[str]) -> None:
        self.addresses = addresses
        self._anchor = html.escape(self.addresses.page)
        self._labels = {fold_label(label): label for label in reversed(labels)}
        #: The order in which plain markers name their labels first: goldmark's number of the footnote.
        self._numbers: dict[str, int] = {}
        self._markers: dict[str, str] = {}
        #: Markers as written -> what stands in their place: two in three are written like an earlier one.
        self._replaced: dict[str, str] = {}

    def link(self, cleaned: str, *, bare: bool = False) -> str:
        """Sanitised HTML with its markers and bare addresses linked. ``bare``: from ``clean_bare``."""
        addressed = "http" in cleaned or "www." in cleaned
        if "[" in cleaned or (addressed and _has_bare_address(cleaned)):
            only_text = bare and not addressed and "<a" not in cleaned and "<code" not in cleaned
            pattern = _MARKERS if only_text else _LINKABLE
            if "[^" in cleaned:
                self._number(dict.fromkeys(match["caret"] for match in pattern.finditer(cleaned)))
            cleaned = pattern.sub(self._replacement, cleaned)
        if ESCAPED in cleaned:
            cleaned = cleaned.replace(ESCAPED, "").replace(quote(ESCAPED), "")
        return cleaned

    def _number(self, carets: Iterable[str | None]) -> None:
        """Count the plain ``[^label]`` as goldmark does; combined and bare markers are no footnotes to it."""
        for caret in carets:
            label = fold_label(html.unescape(caret[1:])) if caret and caret[0] == "^" else ""
            if label in self._labels:
                self._numbers.setdefault(label, len(self._numbers) + 1)

    def _replacement(self, match: re.Match[str]) -> str:
        written = match[0]
        if written[0] != "[":
            return self._bare_link(written) if match.lastgroup in {"http", "www"} else written
        if written not in self._replaced:
            self._replaced[written] = self._linked(written) or written
        return self._replaced[written]

    def _linked(self, written: str) -> str:
        """A marker in its brackets as links; nothing when it names no label, or without a caret an unknown one."""
        inner = html.unescape(written[1:-1].strip())
        labels = split_marker(inner)
        known = inner[:1] == "^" or all(fold_label(label) in self._labels for label in labels)
        return "".join(map(self._marker, labels)) if known else ""

    def _marker(self, label: str) -> str:
        return self._markers.get(label) or self._markers.setdefault(label, self._new_marker(label))

    def _new_marker(self, label: str) -> str:
        """A link to the page's own anchor, or, when nothing defines the label, its bare text.

        goldmark calls the anchor ``#fn:1``, ``#fn:2`` … in the order in which the text names the footnotes first,
        whatever their labels; one that no plain marker names has no anchor.
        """
        defined = self._labels.get(fold_label(label))
        if defined is None:
            return f"<sup>[{html.escape(label, quote=False)}]</sup>"
        number = self._numbers.get(fold_label(label))
        anchor = f"#fn:{number}" if number else ""
        return f'<sup><a href="{self._anchor}{anchor}">[{html.escape(defined, quote=False)}]</a></sup>'

    def _bare_link(self, written: str) -> str:
        address = _without_punctuation(written)
        url = self.addresses.resolve(html.unescape(address if address[0] != "w" else f"http://{address}"))
        if url is None:
            return written
        return f'<a href="{html.escape(url)}">{address}</a>{written[len(address) :]}'


def _has_bare_address(cleaned: str) -> bool:
    """Most footnotes have none but in the link that the author made."""
    in_links = cleaned.count('<a href="http'), cleaned.count("://www.")
    return (cleaned.count("http"), cleaned.count("www.")) != in_links


def _without_punctuation(address: str) -> str:
    """A sentence's punctuation and a bracket that was not opened inside are no part of the address."""
    end = len(address)
    unopened = address.count(")") - address.count("(")
    while end and not address.endswith("&amp;", 0, end):
        if address[end - 1] == ")" and unopened > 0:
            unopened -= 1
        elif address[end - 1] not in _AFTER_ADDRESS:
            break
        end -= 1
    return address[:end]
