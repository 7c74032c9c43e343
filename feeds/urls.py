"""Compare, mend and make URLs: one key per page, valid links from what authors write, slugs as Hugo makes them.

Nothing here asks the network, so a key joins only what the address itself proves to be one page. When in doubt two
addresses stay two: a missed match costs a line in a report, a false one publishes a story under the wrong source.
What the web does stands in urlrules.py, what single sites do in urlroutes.py.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from feeds import urlroutes, urlrules
from feeds.urlparts import (
    ABSOLUTE,
    UNSAFE_PATH,
    UNSAFE_QUERY,
    UNSAFE_SLUG,
    VALID,
    Parts,
    escape,
    joined,
    split,
    trimmed,
)
from feeds.urlpaths import logical, sanitised


def canonical(url: str) -> str:
    """Give a key such that equal keys mean the same page.

    Total and idempotent. What is no http(s) URL is its own key. The key looks like a URL, but need not be served.
    """
    text = trimmed(url)
    if len(text) > _LONGEST_KEYED:
        return text
    while True:
        parts = split(text)
        if parts is None:
            return text
        site = _site(parts.scheme, parts.host, parts.port)
        target = _target(site, parts) if site.wrappers else None
        if target is None:
            target = _key(site, parts)
            # Without its AMP mark the path may be that of a redirector.
            if not (site.wrappers and "amp" in parts.path and len(target) < len(text)):
                return target
        text = target


def clean_url(raw: str, base: str | None = None) -> str | None:
    """Make a valid, absolute http(s) URL (RFC 3986, ASCII, without credentials) out of what an author wrote.

    None when that is hopeless: another scheme, no host, or a relative reference without ``base``. Idempotent.
    """
    text = trimmed(raw)
    if VALID.fullmatch(text):
        return text
    if base is not None and text and not ABSOLUTE.match(text):
        text = joined(base, text)
    parts = split(text)
    if parts is None:
        return None
    query = f"?{UNSAFE_QUERY.sub(escape, parts.query)}" if parts.query is not None else ""
    fragment = f"#{UNSAFE_QUERY.sub(escape, parts.fragment)}" if parts.fragment is not None else ""
    return f"{parts.scheme}://{parts.host}{parts.port}{UNSAFE_PATH.sub(escape, parts.path)}{query}{fragment}"


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
    parts = split(trimmed(url))
    if parts is None:
        return ""
    label, _, rest = parts.host.partition(".")
    return rest if label == "www" and _is_dress(label, rest) else parts.host


def slugify(text: str) -> str:
    """Make a folder name of a term or title: Hugo's for the page of that term, with what a name cannot hold made safe.

    One path segment, NFC, never empty, no dot at its end, at most 120 bytes of UTF-8. Idempotent. Two texts can have
    one slug: the caller keeps them apart.
    """
    name = logical(_SEPARATORS.sub("-", unicodedata.normalize("NFC", text).strip()))
    slug = unicodedata.normalize("NFC", sanitised(name).replace("%", "")).rstrip(".")
    if not slug.strip("-."):
        return _digest(text)
    if _RESERVED.match(slug):
        slug = f"_{slug}"
    return slug if len(slug) <= _LONGEST_SLUG // 4 else _shortened(slug)


def encode_path(path: str) -> str:
    """Percent-encode a path for use in a URL; ``/`` stays, a literal ``%`` becomes ``%25``."""
    return UNSAFE_SLUG.sub(escape, path)


# -- keys ------------------------------------------------------------------------------------------------------------

#: Beyond this an address is data, not a name of a page; it also bounds the work on nested redirectors.
_LONGEST_KEYED = 8192
_DEFAULT_PORTS = frozenset({("http", ":80"), ("https", ":443")})
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#: Besides the unreserved characters servers decode these before they look at a path; / ? # % ; & = + may cut it.
_DECODED_IN_PATH = {f"%{ord(char):02X}": char for char in _UNRESERVED + "!'()*,:@$"}
#: In a parameter a blank may be written in two ways, and only the first = cuts. No / or ? cuts a value.
_DECODED_IN_NAME = {**_DECODED_IN_PATH, "%20": "+"}
_DECODED_IN_VALUE = {**_DECODED_IN_NAME, "%3D": "=", "%2F": "/", "%3F": "?"}
_HTML_AMPERSAND = re.compile(r"(?:^|(?<=&))(?:amp;)+")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_INDEX = ("/index.html", "/index.htm", "/index.shtml")
#: AMP pages stand below, before or beside the story that they repeat.
_AMP_FORMS = tuple(map(re.compile, (r"(.+)/amp()", r"/amp(?:html)?(/.+)()", r"(.+[^./])\.amp(\.html)?")))
_NEVER = re.compile(r"(?!)")
_STORY_NAMED = re.compile(urlrules.STORY_NAMED)
_STORY_LIKE = re.compile(urlrules.STORY_LIKE)
_STORY_HOST_LIKE = re.compile(urlrules.STORY_HOST_LIKE)
_STORY_PATH = re.compile(urlrules.STORY_PATH)
_BLOGGER = re.compile(urlrules.BLOGGER)
_TRACKING_VALUES = {name: re.compile(values) for name, values in urlrules.TRACKING_VALUES.items()}
_NOISE_VALUES = _TRACKING_VALUES | {name: re.compile(values) for name, values in urlrules.DISPLAY_VALUES.items()}
_LETTER = re.compile(urlrules.LETTER)
_LETTER_NOISE = re.compile(urlrules.LETTER_NOISE)
_LETTER_MARKS = re.compile(urlrules.LETTER_MARKS, re.IGNORECASE)
#: A story without a page is the story's first page.
_FIRST_PAGES = frozenset(f"{name}{value}" for name in urlroutes.PAGINATION for value in ("", "=", "=1"))


class _Site(NamedTuple):
    """What the tables know of one host, compiled."""

    #: The host that stands in keys, with a port that is not its scheme's own.
    host: str
    wrappers: tuple[tuple[re.Pattern[str], urlroutes.Wrapper], ...] = ()
    folded: re.Pattern[str] | None = None
    routes: tuple[tuple[re.Pattern[str], urlroutes.Route], ...] = ()
    drop: frozenset[str] = frozenset()
    fragment: re.Pattern[str] | None = None
    stories: bool = False
    #: What is left of a path when its AMP mark is gone must look so; None where paths have no marks at all.
    story_like: re.Pattern[str] | None = _STORY_LIKE
    #: The host without ``mobile.``, where it depends on the path whether that is the same site.
    desktop: str = ""


@lru_cache(maxsize=4096)
def _site(scheme: str, full_host: str, port: str) -> _Site:
    """A port that is not the scheme's own is another server: none of the host's habits are known to hold there."""
    if port and (scheme, port) not in _DEFAULT_PORTS:
        return _Site(full_host + port)
    host = _bare_host(full_host)
    labels = host.split(".")
    names = [host, *(f"*.{'.'.join(labels[start:])}" for start in range(1, len(labels)))]
    stories = host in urlrules.STORY_HOSTS
    marked = None if host in urlrules.VERBATIM_HOSTS else _STORY_HOST_LIKE if stories else _STORY_LIKE
    rest = host.removeprefix("mobile.")
    return _Site(
        host,
        tuple((re.compile(rule.path), rule) for name in names for rule in urlroutes.WRAPPERS.get(name, ())),
        re.compile(urlroutes.FOLDED[host]) if host in urlroutes.FOLDED else None,
        tuple((re.compile(rule.path), rule) for name in names for rule in urlroutes.ROUTES.get(name, ())),
        frozenset().union(*(urlrules.DROP.get(name, ()) for name in names)),
        re.compile(urlroutes.FRAGMENTS[host]) if host in urlroutes.FRAGMENTS else None,
        stories,
        marked,
        "" if rest == host or _is_public_suffix(rest) else rest,
    )


def _bare_host(host: str) -> str:
    """Take off what only dresses the page for a device, and use the site's main name."""
    label, _, rest = host.partition(".")
    while _is_dress(label, rest):
        host = rest
        label, _, rest = host.partition(".")
    if rest.startswith("m.") and rest[2:] in urlrules.MOBILE_IN_THE_MIDDLE:
        host = f"{label}.{rest[2:]}"
    return urlrules.ALIASES.get(host) or _BLOGGER.sub(".blogspot.com", host)


def _is_dress(label: str, rest: str) -> bool:
    """Say whether ``rest`` alone is the same site: its first label names a device, and is nobody's own name."""
    if label == "mobile":
        return rest in urlrules.MOBILE_HOSTS
    if label == "www" and rest in urlrules.OWN_SITES:
        return True
    return label in urlrules.DRESS_LABELS and not _is_public_suffix(rest)


def _is_public_suffix(host: str) -> bool:
    """Say whether strangers can register names right below ``host``; cautious, since the full list is not at hand."""
    second, _, top = host.rpartition(".")
    if not second or host in urlrules.SHARED_DOMAINS or host.startswith("blogspot."):
        return True
    known = second in urlrules.SECOND_LEVEL or second in urlrules.SECOND_LEVEL_OF.get(top, ())
    return known and len(top) == 2  # two letters are a country (ISO 3166), all others are generic


def _target(site: _Site, parts: Parts) -> str | None:
    """Find the address inside a redirector's or viewer's address; it is shorter, so that this comes to an end.

    Only what has a ``before`` leads to a longer one, and that to no further.
    """
    path = _tidy_path(parts.path, _NEVER)
    for pattern, wrapper in site.wrappers:
        match = pattern.fullmatch(path)
        if match is not None:
            query = parts.query or ""
            inner = next(filter(None, (_parameter(name, query) for name in wrapper.params)), "")
            if not inner:
                inner = f"{wrapper.target.format(*match.groups())}?{query}"
            elif wrapper.before:
                inner = f"{wrapper.before}{inner}?{query}"
            inner = trimmed(_decoded64(inner.partition("?")[0]) if wrapper.base64 else inner)
            if len(inner) < _LONGEST_KEYED and inner[:4].lower() == "http" and split(inner) is not None:
                return inner
    return None


def _parameter(name: str, query: str) -> str:
    from urllib.parse import unquote  # noqa: PLC0415 - few addresses are redirectors

    start = f"{name}="
    for pair in _HTML_AMPERSAND.sub("", query).split("&"):
        if pair.startswith(start):
            value = UNSAFE_QUERY.sub(escape, pair[len(start) :])
            return _NOT_UTF_8.sub(_escape_byte, unquote(value, errors="surrogateescape"))
    return ""


#: Bytes of another encoding (GBK in Chinese addresses) stay escaped: replaced, two pages would become one.
_NOT_UTF_8 = re.compile("[\udc80-\udcff]")


def _escape_byte(match: re.Match[str]) -> str:
    return f"%{ord(match[0]) - 0xDC00:02X}"


def _decoded64(text: str) -> str:
    """Find the first address in URL-safe base64; Bing puts ``a1`` before it, Google a protocol buffer around it."""
    from base64 import urlsafe_b64decode  # noqa: PLC0415 - few addresses are redirectors

    code = re.sub(r"[^A-Za-z0-9_-]", "", text.removeprefix("a1"))
    code = code[: len(code) - (len(code) % 4 == 1)]
    found = re.search(rb"https?://[!-~]+", urlsafe_b64decode(code + "=" * (-len(code) % 4)))
    return found[0].decode("ascii") if found else ""


def _key(site: _Site, parts: Parts) -> str:
    path = _tidy_path(parts.path, site.story_like)
    if site.desktop and _STORY_NAMED.search(path):
        return _key(_site(parts.scheme, site.desktop, ""), parts)
    if site.folded is not None and (begin := site.folded.match(path)):
        path = _tidy_path(path[: begin.end()].lower() + path[begin.end() :], site.story_like)
    pairs = _pairs(parts.query, site.drop) if parts.query else []
    key = _routed(site, path, pairs)
    if key is not None:
        return key
    if pairs and site.stories and _STORY_PATH.fullmatch(path):
        pairs = [pair for pair in pairs if pair[0].lower() in urlrules.STORY_KEEPS]
    elif pairs and path.startswith("/p/") and _LETTER.fullmatch(path) and _LETTER_MARKS.search(parts.query or ""):
        pairs = [pair for pair in pairs if not _LETTER_NOISE.fullmatch(pair[1])]
    scheme = parts.scheme if ":" in site.host else "https"
    fragment = _hash_route(parts.fragment, site.fragment) if parts.fragment else ""
    return f"{scheme}://{site.host}{path}{_query(pairs)}{fragment}"


def _routed(site: _Site, path: str, pairs: list[tuple[str, str]]) -> str | None:
    for pattern, route in site.routes:
        match = pattern.fullmatch(path)
        if match is not None and (not route.keep or _given(pairs).issuperset(route.keep)):
            key = route.key.format(*match.groups()) + (_query(_kept(route, pairs)) if pairs else "")
            return f"https://{site.host}{key}" if key.startswith("/") else key
    return None


def _given(pairs: list[tuple[str, str]]) -> set[str]:
    """Name the parameters that have a value: ``v=`` names no video."""
    return {name for name, pair in pairs if len(pair) > len(name) + 1}


def _kept(route: urlroutes.Route, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if route.also is None:
        return pairs
    return [pair for pair in pairs if pair[0] in route.keep or (pair[0] in route.also and pair[1] not in _FIRST_PAGES)]


def _query(pairs: list[tuple[str, str]]) -> str:
    return "?" + "&".join(pair for _, pair in pairs) if pairs else ""


def _normal(text: str, unsafe: re.Pattern[str], decoded: dict[str, str]) -> str:
    text = unsafe.sub(escape, text)
    if "%" not in text:
        return text
    return _ESCAPED.sub(lambda match: decoded.get(code := match[0].upper(), code), text)


def _tidy_path(path: str, story_like: re.Pattern[str] | None) -> str:
    path = _normal(path, UNSAFE_PATH, _DECODED_IN_PATH)
    if ";" in path:
        path = _SESSION.sub("", path)
    if "/." in path:
        path = _without_dots(path)
    before = None
    while path != before:
        before = path
        path = path.rstrip("/")
        if story_like is None:
            break
        if path.endswith(_INDEX):
            path = path[: path.rindex("/")]
        if "amp" in path:
            path = _without_amp(path, story_like)
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


def _without_amp(path: str, story_like: re.Pattern[str]) -> str:
    for form in _AMP_FORMS:
        match = form.fullmatch(path)
        if match is not None and story_like.search(match[1]):
            return match[1] + (match[2] or "")
    return path


def _pairs(query: str, drop: frozenset[str]) -> list[tuple[str, str]]:
    """List (name, name=value) of what may tell pages apart, sorted by name; equal names keep their order."""
    pairs = [_normal_pair(pair) for pair in _HTML_AMPERSAND.sub("", query).split("&")]
    return sorted((pair for pair in pairs if pair[1] and not _is_noise(*pair, drop)), key=itemgetter(0))


def _normal_pair(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    name = _normal(name, UNSAFE_QUERY, _DECODED_IN_NAME)
    return name, name + equals + _normal(value, UNSAFE_QUERY, _DECODED_IN_VALUE)


def _is_noise(name: str, pair: str, drop: frozenset[str]) -> bool:
    if drop and (name.lower() in drop or pair.lower() in drop):
        return True
    return _is_tracking(pair, _NOISE_VALUES)


def _is_tracking(pair: str, values: dict[str, re.Pattern[str]] = _TRACKING_VALUES) -> bool:
    name, _, value = pair.lower().partition("=")
    if name in urlrules.TRACKING or name.startswith(urlrules.TRACKING_PREFIXES):
        return True
    pattern = values.get(name)
    return pattern is not None and pattern.fullmatch(value) is not None


def _hash_route(fragment: str, app: re.Pattern[str] | None) -> str:
    """Keep a fragment that chooses the page (``#/news/1``, ``#!/news/1``); others choose a place on it."""
    route = _normal(fragment, UNSAFE_QUERY, _DECODED_IN_PATH)
    if fragment[0] in "/!" and fragment.strip("/!"):
        return f"#{route}"
    chosen = app.match(route) if app is not None else None
    return f"#{chosen[0]}" if chosen else ""


# -- slugs -----------------------------------------------------------------------------------------------------------

#: Leaves room for a suffix and an extension below the 255 bytes that file systems allow.
_LONGEST_SLUG = 120
#: Hugo keeps them as folders; no system but Linux takes the second for a part of a name.
_SEPARATORS = re.compile(r"[/\\]")
#: Windows opens a device under these names, whatever the extension; the last are folders that no server shows.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)|\.(?:git|hg|svn|bzr)$")


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
