"""Compare, mend and make URLs: one key per page, valid links from what authors write, slugs as Hugo makes them.

Nothing here asks the network, so a key joins only what the address itself proves to be one page. When in doubt two
addresses stay two: a missed match costs a line in a report, a false one publishes a story under the wrong source.
What single sites do stands in urlrules.py.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from feeds import urlrules


def canonical(url: str) -> str:
    """Give a key such that equal keys mean the same page.

    Total and idempotent. What is no http(s) URL is its own key. The key looks like a URL, but need not be served.
    """
    text = _trimmed(url)
    if len(text) > _LONGEST_KEYED:
        return text
    while True:
        parts = _split(text)
        if parts is None:
            return text
        site = _site(parts.scheme, parts.host, parts.port)
        target = _target(site, parts) if site.wrappers else None
        if target is None:
            return _key(site, parts)
        text = target


def clean_url(raw: str, base: str | None = None) -> str | None:
    """Make a valid, absolute http(s) URL (RFC 3986, ASCII, without credentials) out of what an author wrote.

    None when that is hopeless: another scheme, no host, or a relative reference without ``base``. Idempotent.
    """
    text = _trimmed(raw)
    if _VALID.fullmatch(text):
        return text
    if base is not None and text and not _ABSOLUTE.match(text):
        text = _joined(base, text)
    parts = _split(text)
    if parts is None:
        return None
    query = f"?{_UNSAFE_QUERY.sub(_escape, parts.query)}" if parts.query is not None else ""
    fragment = f"#{_UNSAFE_QUERY.sub(_escape, parts.fragment)}" if parts.fragment is not None else ""
    return f"{parts.scheme}://{parts.host}{parts.port}{_UNSAFE_PATH.sub(_escape, parts.path)}{query}{fragment}"


def strip_tracking(url: str) -> str:
    """Remove the parameters that only measure who came from where; change nothing else."""
    head, hash_mark, fragment = url.partition("#")
    path, mark, query = head.partition("?")
    if not mark:
        return url
    kept = [pair for pair in query.split("&") if not _is_tracking(pair.removeprefix("amp;"))]
    return path + ("?" if kept else "") + "&".join(kept) + hash_mark + fragment


def host_of(url: str) -> str:
    """Name the host in lower-case ASCII, without ``www.``; "" when there is none."""
    parts = _split(_trimmed(url))
    if parts is None:
        return ""
    rest = parts.host.removeprefix("www.")
    return parts.host if _is_public_suffix(rest) else rest


def slugify(text: str) -> str:
    """Make a file name of a term or title: Hugo's ``urlize``, with what a file name cannot hold made safe.

    One path segment, NFC, never empty, no leading dot, at most 120 bytes of UTF-8. Idempotent. Two texts can have
    one slug: the caller keeps them apart.
    """
    words = _SEPARATORS.sub("-", unicodedata.normalize("NFC", text)).translate(_HUGO).split()
    slug = unicodedata.normalize("NFC", _HYPHENS.sub("-", "-".join(words))).strip(".")
    if not slug.strip("-."):
        return _digest(text)
    if _WINDOWS_DEVICE.match(slug):
        slug = f"_{slug}"
    return slug if len(slug) <= _LONGEST_SLUG // 4 else _shortened(slug)


def encode_path(path: str) -> str:
    """Percent-encode a path for use in a URL; ``/`` stays, a literal ``%`` becomes ``%25``."""
    return _UNSAFE_SLUG.sub(_escape, path)


# -- splitting -------------------------------------------------------------------------------------------------------

#: Beyond this an address is data, not a name of a page; it also bounds the work on nested redirectors.
_LONGEST_KEYED = 8192
#: What sticks to an address that was copied: white space, controls, zero-width marks, quotes and angle brackets.
_EDGES = (
    "".join(map(chr, range(0x21)))
    + "\x7f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
    + "".join(map(chr, range(0x2000, 0x2010)))
    + '"<>“”‘’«»「」『』'
)
#: Browsers drop these wherever they stand (https://url.spec.whatwg.org/#concept-basic-url-parser).
_NO_LINE_BREAKS = {ord(mark): None for mark in "\t\n\r"}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_URL = re.compile(r"(?:(https?):)?//([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(?:.*@)?([^:@]+)(?::(\d{0,5}))?", re.DOTALL)
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")
#: RFC 1035: no name is longer.
_LONGEST_HOST = 253
#: Host, port and credentials; it bounds the work on punycode and what the caches hold.
_LONGEST_AUTHORITY = 1024

_PATH_SAFE = r"A-Za-z0-9._~!$&'()*+,;=:@/\-"
_VALID = re.compile(
    rf"https?://(?:[a-z0-9_-]{{1,63}}\.)+[a-z0-9_-]{{1,63}}(?:/(?:[{_PATH_SAFE}]|%[0-9A-Fa-f]{{2}})*+)?"
    rf"(?:\?(?:[{_PATH_SAFE}?]|%[0-9A-Fa-f]{{2}})*+)?(?:#(?:[{_PATH_SAFE}?]|%[0-9A-Fa-f]{{2}})*+)?"
)
_UNSAFE_PATH = re.compile(rf"[^{_PATH_SAFE}%]+|%(?![0-9A-Fa-f]{{2}})")
_UNSAFE_QUERY = re.compile(rf"[^{_PATH_SAFE}?%]+|%(?![0-9A-Fa-f]{{2}})")
_UNSAFE_SLUG = re.compile(rf"[^{_PATH_SAFE}]+")


class _Parts(NamedTuple):
    """An http(s) URL in pieces; query and fragment are None when their mark is absent."""

    scheme: str
    #: ASCII, lower case, without a trailing dot.
    host: str
    #: "" or ``:8080``.
    port: str
    path: str
    query: str | None
    fragment: str | None


def _trimmed(text: str) -> str:
    if text.startswith("http") and text[-1].isalnum() and text.isprintable():
        return text  # nine in ten
    text = text.strip(_EDGES)
    while text.startswith("'"):
        text = text.strip("'").strip(_EDGES)
    return text if text.isprintable() else text.translate(_NO_LINE_BREAKS).strip(_EDGES)


def _split(text: str) -> _Parts | None:
    match = _URL.fullmatch(text)
    if match is None:
        return None
    scheme, authority, path, query, fragment = match.groups()
    found = _host_and_port(authority) if len(authority) <= _LONGEST_AUTHORITY else None
    return found and _Parts((scheme or "https").lower(), *found, path, query, fragment)


@lru_cache(maxsize=4096)
def _host_and_port(authority: str) -> tuple[str, str] | None:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        return None
    host = _ascii_host(match[1])
    port = int(match[2] or 0)
    if host is None or port > 0xFFFF:
        return None
    return host, f":{port}" if port else ""


def _ascii_host(host: str) -> str | None:
    labels = unicodedata.normalize("NFKC", host).lower().replace("。", ".").removesuffix(".").split(".")
    name = ".".join(map(_ascii_label, labels))
    return name if _HOST.fullmatch(name) and len(name) <= _LONGEST_HOST else None


def _ascii_label(label: str) -> str:
    """Encode one label as IDNA 2008 does: unlike Python's own codec it keeps ``ß`` and ``ss`` apart."""
    if label.isascii():
        return label
    if not label.isprintable():
        return ""
    return "xn--" + unicodedata.normalize("NFC", label).encode("punycode").decode("ascii")


def _joined(base: str, reference: str) -> str:
    from urllib.parse import urljoin  # noqa: PLC0415 - most addresses are absolute

    try:
        return urljoin(_trimmed(base), reference)
    except ValueError:
        return ""


_ESCAPES = tuple(f"%{byte:02X}" for byte in range(256))


def _escape(match: re.Match[str]) -> str:
    return "".join(map(_ESCAPES.__getitem__, match[0].encode("utf-8", "surrogatepass")))


# -- keys ------------------------------------------------------------------------------------------------------------

_DEFAULT_PORTS = frozenset({("http", ":80"), ("https", ":443")})
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#: Besides the unreserved characters servers decode these before they look at a path; / ? # % ; & = + may cut it.
_DECODED_IN_PATH = {f"%{ord(char):02X}": char for char in _UNRESERVED + "!'()*,:@$"}
#: In a parameter a blank may be written in two ways, and only the first = cuts.
_DECODED_IN_NAME = {**_DECODED_IN_PATH, "%20": "+"}
_DECODED_IN_VALUE = {**_DECODED_IN_NAME, "%3D": "="}
_HTML_AMPERSAND = re.compile(r"(?:^|(?<=&))(?:amp;)+")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_INDEX = ("/index.html", "/index.htm", "/index.shtml")
#: AMP pages stand below, before or beside the story that they repeat.
_AMP_FORMS = tuple(map(re.compile, (r"(.+)/amp()", r"/amp(?:html)?(/.+)()", r"(.+[^./])\.amp(\.html)?")))
#: ... but "/guitars/amp" is a page about amplifiers: what is left must look like a story (long slug, number, date).
_STORY_LIKE = re.compile(r"(?:-[^/-]+){3}|\d{5}|/(?:19|20)\d\d/(?:\d\d?|[a-z]{3})/|[^/]\.s?html?$")
_TRACKING_VALUES = re.compile(urlrules.TRACKING_VALUES, re.IGNORECASE)
_DISPLAY_VALUES = re.compile(urlrules.DISPLAY_VALUES, re.IGNORECASE)
_STORY_PATH = re.compile(urlrules.STORY_PATH)


class _Site(NamedTuple):
    """What urlrules.py knows of one host, compiled."""

    #: The host that stands in keys, with a port that is not its scheme's own.
    host: str
    wrappers: tuple[tuple[re.Pattern[str], urlrules.Wrapper], ...] = ()
    folded: re.Pattern[str] | None = None
    routes: tuple[tuple[re.Pattern[str], urlrules.Route], ...] = ()
    drop: frozenset[str] = frozenset()
    stories: bool = False


@lru_cache(maxsize=4096)
def _site(scheme: str, full_host: str, port: str) -> _Site:
    """A port that is not the scheme's own is another server: none of the host's habits are known to hold there."""
    if port and (scheme, port) not in _DEFAULT_PORTS:
        return _Site(full_host + port)
    host = _bare_host(full_host)
    labels = host.split(".")
    names = [host, *(f"*.{'.'.join(labels[start:])}" for start in range(1, len(labels)))]
    return _Site(
        host,
        tuple((re.compile(rule.path), rule) for name in names for rule in urlrules.WRAPPERS.get(name, ())),
        re.compile(urlrules.FOLDED[host]) if host in urlrules.FOLDED else None,
        tuple((re.compile(rule.path), rule) for name in names for rule in urlrules.ROUTES.get(name, ())),
        frozenset().union(*(urlrules.DROP.get(name, ()) for name in names)),
        host in urlrules.STORY_HOSTS,
    )


def _bare_host(host: str) -> str:
    """Take off what only dresses the page for a device, and use the site's main name."""
    label, _, rest = host.partition(".")
    while label in urlrules.DRESS_LABELS and not _is_public_suffix(rest):
        host = rest
        label, _, rest = host.partition(".")
    if rest.startswith("m.") and rest[2:] in urlrules.MOBILE_IN_THE_MIDDLE:
        host = f"{label}.{rest[2:]}"
    return urlrules.ALIASES.get(host, host)


def _is_public_suffix(host: str) -> bool:
    """Say whether strangers can register names right below ``host``; cautious, since the full list is not at hand."""
    second, _, top = host.rpartition(".")
    if not second or host in urlrules.SHARED_DOMAINS:
        return True
    known = second in urlrules.SECOND_LEVEL or second in urlrules.SECOND_LEVEL_OF.get(top, ())
    return known and len(top) == 2  # two letters are a country (ISO 3166), all others are generic


def _target(site: _Site, parts: _Parts) -> str | None:
    """Find the address inside a redirector's or viewer's address; it is shorter, so that this comes to an end."""
    for pattern, wrapper in site.wrappers:
        match = pattern.fullmatch(_UNSAFE_PATH.sub(_escape, parts.path))
        if match is not None:
            found = (_parameter(name, parts.query or "") for name in wrapper.params)
            inner = next(filter(None, found), "") or f"{wrapper.target.format(*match.groups())}?{parts.query or ''}"
            inner = _trimmed(_decoded64(inner.partition("?")[0]) if wrapper.base64 else inner)
            if len(inner) < _LONGEST_KEYED and inner[:4].lower() == "http" and _split(inner) is not None:
                return inner
    return None


def _parameter(name: str, query: str) -> str:
    from urllib.parse import unquote  # noqa: PLC0415 - few addresses are redirectors

    start = f"{name}="
    for pair in _HTML_AMPERSAND.sub("", query).split("&"):
        if pair.startswith(start):
            return unquote(pair[len(start) :])
    return ""


def _decoded64(text: str) -> str:
    """Find the first address in URL-safe base64; Bing puts ``a1`` before it, Google a protocol buffer around it."""
    from base64 import urlsafe_b64decode  # noqa: PLC0415 - few addresses are redirectors

    code = re.sub(r"[^A-Za-z0-9_-]", "", text.removeprefix("a1"))
    code = code[: len(code) - (len(code) % 4 == 1)]
    found = re.search(rb"https?://[!-~]+", urlsafe_b64decode(code + "=" * (-len(code) % 4)))
    return found[0].decode("ascii") if found else ""


def _key(site: _Site, parts: _Parts) -> str:
    path = _tidy_path(parts.path)
    if site.folded is not None and (begin := site.folded.match(path)):
        path = path[: begin.end()].lower() + path[begin.end() :]
    pairs = _pairs(parts.query, site.drop) if parts.query else []
    key = _routed(site, path, pairs)
    if key is not None:
        return key
    if pairs and site.stories and _STORY_PATH.fullmatch(path):
        pairs = [pair for pair in pairs if pair[0].lower() in urlrules.STORY_KEEPS]
    scheme = parts.scheme if ":" in site.host else "https"
    return f"{scheme}://{site.host}{path}{_query(pairs)}{_hash_route(parts.fragment)}"


def _routed(site: _Site, path: str, pairs: list[tuple[str, str]]) -> str | None:
    for pattern, route in site.routes:
        match = pattern.fullmatch(path)
        if match is not None and {name for name, _ in pairs}.issuperset(route.keep):
            key = route.key.format(*match.groups()) + _query([pair for pair in pairs if pair[0] in route.keep])
            return f"https://{site.host}{key}" if key.startswith("/") else key
    return None


def _query(pairs: list[tuple[str, str]]) -> str:
    return "?" + "&".join(pair for _, pair in pairs) if pairs else ""


def _normal(text: str, unsafe: re.Pattern[str], decoded: dict[str, str]) -> str:
    text = unsafe.sub(_escape, text)
    if "%" not in text:
        return text
    return _ESCAPED.sub(lambda match: decoded.get(code := match[0].upper(), code), text)


def _tidy_path(path: str) -> str:
    path = _normal(path, _UNSAFE_PATH, _DECODED_IN_PATH)
    if "/." in path:
        path = _without_dots(path)
    if ";" in path:
        path = _SESSION.sub("", path)
    before = None
    while path != before:
        before = path
        path = path.rstrip("/")
        if path.endswith(_INDEX):
            path = path[: path.rindex("/")]
        if "amp" in path:
            path = _without_amp(path)
    return path or "/"


def _without_dots(path: str) -> str:
    """Resolve ``.`` and ``..`` (RFC 3986 §5.2.4)."""
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def _without_amp(path: str) -> str:
    for form in _AMP_FORMS:
        match = form.fullmatch(path)
        if match is not None and _STORY_LIKE.search(match[1]):
            return match[1] + (match[2] or "")
    return path


def _pairs(query: str, drop: frozenset[str]) -> list[tuple[str, str]]:
    """List (name, name=value) of what may tell pages apart, sorted by name; equal names keep their order."""
    pairs = [_normal_pair(pair) for pair in _HTML_AMPERSAND.sub("", query).split("&")]
    return sorted((pair for pair in pairs if pair[1] and not _is_noise(*pair, drop)), key=itemgetter(0))


def _normal_pair(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    name = _normal(name, _UNSAFE_QUERY, _DECODED_IN_NAME)
    return name, name + equals + _normal(value, _UNSAFE_QUERY, _DECODED_IN_VALUE)


def _is_noise(name: str, pair: str, drop: frozenset[str]) -> bool:
    known = name.lower() in drop or pair.lower() in drop or _is_tracking(pair)
    return known or _DISPLAY_VALUES.fullmatch(pair) is not None


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    if name in urlrules.TRACKING or name.startswith(urlrules.TRACKING_PREFIXES):
        return True
    return _TRACKING_VALUES.fullmatch(pair) is not None


def _hash_route(fragment: str | None) -> str:
    """Keep a fragment that chooses the page (``#/news/1``, ``#!/news/1``); others choose a place on it."""
    if not fragment or fragment[0] not in "/!" or not fragment.strip("/!"):
        return ""
    return f"#{_normal(fragment, _UNSAFE_QUERY, _DECODED_IN_PATH)}"


# -- slugs -----------------------------------------------------------------------------------------------------------

#: Leaves room for a suffix and an extension below the 255 bytes that file systems allow.
_LONGEST_SLUG = 120
_HYPHENS = re.compile(r"-{2,}")
#: Hugo keeps slashes as folders, and drops control characters without a trace.
_SEPARATORS = re.compile(r"[/\\\x00-\x1f\x7f-\x9f]")
#: Windows opens a device under these names, whatever the extension.
_WINDOWS_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)")


class _HugoTable(dict[int, str]):
    r"""Which characters Hugo keeps in a path (common/paths, ``isAllowedPathCharacter``), in lower case.

    Letters, marks and decimal digits of any script and ``. / \ _ # + ~ - @`` stay, white space becomes a blank,
    all others vanish. It fills itself as characters come along.
    """

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in "./\\_#+~-@" or unicodedata.category(char) in _KEPT_CATEGORIES:
            self[code] = char.lower()[0]  # one for one, as Go does: "İ" becomes "i"
        else:
            self[code] = " " if char.isspace() else ""
        return self[code]


_KEPT_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd"})
_HUGO = _HugoTable()


def _shortened(slug: str) -> str:
    raw = slug.encode()
    if len(raw) <= _LONGEST_SLUG:
        return slug
    tail = f"-{_digest(slug)[:8]}"
    head = raw[: _LONGEST_SLUG - len(tail)].decode("utf-8", "ignore")
    return head.rstrip("-.") + tail


def _digest(text: str) -> str:
    from hashlib import sha256  # noqa: PLC0415 - few slugs need it, and OpenSSL loads slowly

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
