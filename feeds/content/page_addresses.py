"""What an address in an article means: where it leads from the article's page, and whether anybody can follow it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

from feeds.content.references import References, names_page
from feeds.urls import clean_url, strip_tracking

#: Schemes that name something to be opened, called or written to, and that run nothing: those of the HTML standard's
#: list for web apps (https://html.spec.whatwg.org/#safelisted-scheme), of IANA's registry, and of usual programs.
_NOT_ON_THE_WEB = frozenset(
    {
        "acct", "bitcoin", "bitcoincash", "callto", "cid", "dat", "dict", "dns", "doi", "ed2k", "ethereum", "facetime",
        "fax", "feed", "finger", "ftp", "ftps", "gemini", "geo", "git", "gopher", "hyper", "im", "info", "ipfs", "ipns",
        "irc", "irc6", "ircs", "itms", "itms-apps", "lightning", "litecoin", "magnet", "mailto", "market", "matrix",
        "mid", "mms", "monero", "mumble", "news", "nntp", "nostr", "obsidian", "openpgp4fpr", "podcast", "pkg", "rsync",
        "rtmp", "rtsp", "sftp", "sgnl", "signal", "sip", "sips", "skype", "sms", "smsto", "snews", "spartan", "spotify",
        "ssh", "steam", "svn", "tel", "telnet", "tg", "urn", "vnc", "webcal", "webcals", "whatsapp", "xmpp", "zotero",
    }
)  # fmt: skip
#: All that a link may have.
FOLLOWED_SCHEMES = _NOT_ON_THE_WEB | {"http", "https"}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):")
_WRITTEN_SCHEME = re.compile(r"\s(?:href|src|cite|poster)\s*=\s*[\"']?\s*([a-z][a-z0-9+.-]{0,30}):", re.IGNORECASE)
#: Engines escape the brackets of what is no IPv6 address.
_ODD_ADDRESS = re.compile(r"\s(?:href|src)=\"(https?://[^\"/?#%]*+%5B[^\"]*+)\"", re.IGNORECASE)
#: They run, or hold what runs, or lead into the reader's own machine.
_UNSAFE = frozenset({"javascript", "vbscript", "data", "file", "blob", "about", "view-source"})
_WEB = re.compile(r"(https?:)//([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
#: RFC 3986 §3.2.2.
_IPV6 = re.compile(r"(?:[^@]*@)?\[([0-9A-Fa-f:.]{2,45})\](?::(\d{1,5}))?")
#: ``2x`` or ``640w`` at the end of a candidate of ``srcset``.
_SIZE = re.compile(r"\s(\d{1,5}(?:\.\d{1,3})?[wx]),?\s*\Z")


class Addresses:
    """What the addresses in one page mean.

    Args:
        page_url: Absolute; what follows a ``#`` in it is dropped.
        references: What links to files of other articles mean; without it they mean nothing.
    """

    def __init__(self, page_url: str, references: References | None = None) -> None:
        self.page = page_url.partition("#")[0]
        self._references = references or References({})
        #: Address as written -> what is said of its loss.
        self._lost: dict[str, str] = {}
        host = self.page.partition("://")[2].partition("/")[0].lower()
        self._own = (f"https://{host}/", f"http://{host}/")

    def follow(self, raw: str) -> str | None:
        """Where a link leads: an absolute address, also one that is not on the web; None when nobody can follow it."""
        if raw.startswith("http"):
            return self.resolve(raw)  # nine in ten
        raw = raw.strip()
        if (scheme := _SCHEME.match(raw)) is not None and scheme[1].lower() in _NOT_ON_THE_WEB:
            return raw if raw.isprintable() else None
        if names_page(raw):
            found = self._references.address(unquote(raw))
            if found is None:
                self._lost[raw] = f"no article is known at {unquote(raw)[:100]!r}; the link was left out"
            return found and clean_url(found)
        return self.resolve(raw)

    def resolve(self, raw: str) -> str | None:
        """The absolute address, without tracking parameters on our own host; None when it leads nowhere."""
        raw = raw.strip()
        if not raw:
            return None
        url = clean_url(raw, self.page) or _with_readable_host(raw)
        if url is None or not url.startswith(("http://", "https://")):
            self._lost[raw] = _loss(raw)
            return None
        return strip_tracking(url) if url.startswith(self._own) else url

    def look_for_lost(self, rendered: str) -> None:
        """Note the addresses in HTML that the sanitiser will not let pass, and never asks about."""
        for scheme in dict.fromkeys(_WRITTEN_SCHEME.findall(rendered)):
            if scheme.lower() not in FOLLOWED_SCHEMES:
                self._lost[f"{scheme}:"] = _loss(f"{scheme}:")
        for address in _ODD_ADDRESS.findall(rendered):
            self._lost[unescape(address)] = _loss(unescape(address))

    @property
    def has_lost(self) -> bool:
        """Whether ``take_lost`` has anything to say."""
        return bool(self._lost)

    def take_lost(self) -> list[tuple[str, str]]:
        """(address as written, one sentence) of those that led nowhere since this was asked last; sentences once."""
        lost = {why: raw for raw, why in reversed(self._lost.items())}
        self._lost.clear()
        return [(raw, why) for why, raw in reversed(lost.items())]

    def resolve_candidates(self, raw: str) -> str | None:
        """``srcset``: candidates that lead nowhere are left out, and the whole when none is left."""
        kept = []
        for candidate in raw.split(", "):
            size = _SIZE.search(candidate)
            url = self.resolve(candidate[: size.start()] if size else candidate)
            if url is not None:
                kept.append(f"{url} {size[1]}" if size else url)
        return ", ".join(kept) or None


def _loss(raw: str) -> str:
    scheme = _SCHEME.match(raw)
    if scheme is not None and scheme[1].lower() in _UNSAFE:
        return f"a {scheme[1].lower()}: address is not safe and was left out"
    if scheme is not None and scheme.end() == len(raw):
        return f"an address of the kind {scheme[1].lower()}: cannot be followed from a feed reader and was left out"
    return f"the address {raw[:100]!r} leads nowhere that a feed reader could follow, and was left out"


def _with_readable_host(raw: str) -> str | None:
    """A web address whose host is an IPv6 address, or was percent-encoded (engines do that to 💩.la)."""
    found = _WEB.fullmatch(raw)
    if found is None:
        return None
    scheme, host, rest = found.groups()
    if (number := _IPV6.fullmatch(unquote(host))) is not None:
        path = clean_url(f"{scheme}//x.invalid{rest}")
        name = _ipv6(number[1])
        port = f":{number[2]}" if number[2] else ""
        return f"{scheme.lower()}//[{name}]{port}{path.partition('x.invalid')[2]}" if path and name else None
    return clean_url(f"{scheme}//{unquote(host)}{rest}") if "%" in host else None


def _ipv6(written: str) -> str | None:
    from ipaddress import AddressValueError, IPv6Address  # noqa: PLC0415 - 5 ms, and hardly any article has one

    try:
        return str(IPv6Address(written))
    except AddressValueError:
        return None
