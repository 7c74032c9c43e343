"""Find the files that an article comes with: audio, video and attachments that its front matter names.

Hugo, Jekyll, Hexo, Zola and Nikola know no common key, so those of their podcast themes are read: one address, a list,
a map (``{file, size, type, duration}``), a map of formats (``{mp3: …, ogg: …}``), or WordPress's lines of address,
length and type. What is evidently no address (a flag, a number, a title, a player's page) is no file.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from feeds.content.fields import text_of
from feeds.content.file_types import HEAD_BYTES, TYPES, UNKNOWN, extension_of, type_of
from feeds.content.sheet import Sheet, fold_key, quoted
from feeds.content.site_files import Places, cleaned, has_scheme, located
from feeds.model import Enclosure, Severity

#: Keys (folded as sheet.py folds them) in the order of preference, and what their files are: ``audio``, ``video``,
#: ``play`` (either) or ``file`` (anything).
_KEYS = {
    **dict.fromkeys(("enclosure", "enclosures", "enclosureurl", "enclosurefile"), "file"),
    **dict.fromkeys(
        (
            "podcast", "podcastfile", "podcasturl", "podcastaudio", "podcastmp3", "podcastlink", "podcastenclosure",
            "episode", "episodefile", "episodeurl", "episodeaudio", "audio", "audios", "audiofile", "audiofiles",
            "audiourl", "audiosrc", "audiopath", "audiolink", "audiomp3", "mp3", "mp3file", "mp3url", "m4a", "ogg",
            "opus", "recording",
        ),
        "audio",
    ),
    **dict.fromkeys(
        ("video", "videos", "videofile", "videofiles", "videourl", "videosrc", "videopath", "mp4", "webm"), "video"
    ),
    **dict.fromkeys(("media", "mediafile", "mediafiles", "mediaurl"), "play"),
    **dict.fromkeys(("attachment", "attachments"), "file"),
}  # fmt: skip
_ASKED = frozenset({*_KEYS, "extra"})
#: Keys whose map must name a file: it is no file's description otherwise.
_DEMANDING = frozenset({"enclosure", "enclosures", "attachment", "attachments"})
_DEFAULT_TYPES = {"audio": "audio/mpeg", "video": "video/mp4", "play": UNKNOWN, "file": UNKNOWN}

#: Keys within a map. Those of addresses may hold further maps and lists.
_ADDRESSES = ("url", "src", "file", "audio", "video", "enclosure", "path", "href", "uri", "link", "source", "filename")
_SEVERAL = ("files", "enclosures", "sources", "formats", "media")
_FORMATS = frozenset(name for name, kind in TYPES.items() if kind.startswith(("audio/", "video/"))) | {"pdf", "epub"}
_LENGTHS = ("length", "size", "bytes", "filesize", "sizeinbytes", "lengthinbytes", "contentlength")
_TYPES = ("type", "mimetype", "mime", "mediatype", "contenttype")
_DURATIONS = ("duration", "durationinseconds", "itunesduration", "seconds", "playtime", "length")
_TITLES = ("title", "name", "label", "caption", "description")
#: Beside a key, for its file: ``podcast_file`` and ``podcast_bytes``.
_ENDINGS = ("file", "files", "url", "src", "path", "link", "audio", "mp3", "enclosure")
#: Of the whole article.
_OVERALL = ("duration", "itunesduration", "podcastduration", "episodeduration", "audioduration")
_OVERALL_LENGTHS = ("bytes", "filesize", "podcastbytes", "podcastsize", "audiosize", "audiobytes")

#: Most files of one article, and deepest nesting of what names them.
_MOST = 50
_MAX_DEPTH = 4

_MIME = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,100}")
#: WordPress's ``enclosure`` field, which its exporters write as it is; PHP's serialised extras may follow.
_LINES = re.compile(r"(?P<url>\S+)\s+(?P<length>\d{0,20})\s+(?P<type>[a-z]{1,20}/[\w.+-]{1,100})(?:\s.*)?", re.DOTALL)
_PHP_DURATION = re.compile(r's:8:"duration";s:\d{1,3}:"([\d:]{1,20})"')
_COUNT = re.compile(r"(\d{1,3}(?:[,_ ]\d{3}){1,5}|\d{1,18})(?: ?(?:bytes?|B))?")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2})(?:\.\d{0,6})?")
_SECONDS = re.compile(r"(\d{1,7})(?:\.\d{0,6})?")
_SPOKEN = re.compile(
    r"(?:PT)?(?:(\d{1,3}) ?(?:h|hrs?|hours?|小时))?,? ?(?:(\d{1,4}) ?(?:m|mins?|minutes?|分钟?))?,? ?"
    r"(?:(\d{1,6})(?:\.\d{0,6})? ?(?:s|secs?|seconds?|秒))?",
    re.IGNORECASE,
)
_DRIVE = re.compile(r"[a-z]:[\\/]", re.IGNORECASE)
_ANY_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,20}:", re.IGNORECASE)

#: Extensions of pages, and hosts that show a player instead of giving a file.
_PAGES = frozenset({"html", "htm", "xhtml", "php", "asp", "aspx", "jsp"})
_PLAYERS = (
    "youtube.com", "youtu.be", "youtube-nocookie.com", "vimeo.com", "bilibili.com", "b23.tv", "soundcloud.com",
    "spotify.com", "podcasts.apple.com", "itunes.apple.com", "music.apple.com", "podcasts.google.com", "twitch.tv",
    "dailymotion.com", "mixcloud.com", "bandcamp.com", "ximalaya.com", "xiaoyuzhoufm.com", "music.163.com", "youku.com",
    "v.qq.com", "overcast.fm", "pca.st", "tiktok.com", "douyin.com", "rumble.com", "odysee.com", "castbox.fm",
)  # fmt: skip

_Value = TypeVar("_Value")


class _Claim(Struct, frozen=True, kw_only=True):
    """A file as the front matter names it."""

    key: str
    family: str
    address: str
    type: str = ""
    length: int | None = None
    duration: int | None = None
    title: str = ""
    #: The map's key that names a format (``mp3``), for addresses that show none.
    format: str = ""


def find_enclosures(sheet: Sheet, places: Places, *, title: str) -> tuple[Enclosure, ...]:
    """The files that the front matter names, each address once; warns of those that cannot be used.

    ``title`` is the article's: JSON Feed knows formats of one recording by one title.
    """
    if not sheet.has_any(_ASKED):
        return ()
    ask = _asked(sheet)
    found: dict[str, Enclosure] = {}
    keys: dict[str, str] = {}
    for claim in _claims(ask):
        enclosure = _enclosure(claim, places, sheet)
        if enclosure and len(found) < _MOST:
            found[enclosure.url] = _joined(found.get(enclosure.url), enclosure)
            keys.setdefault(enclosure.url, claim.key)
    if not found:
        return ()
    complete = _titled(_completed(found.values(), next(iter(keys.values())), ask), title)
    for enclosure in complete:
        if enclosure.length is None and enclosure.url.startswith(places.site_url):
            why = f"the file of {quoted(enclosure.url)} is not at hand, so its length is not known"
            sheet.say(Severity.NOTE, keys[enclosure.url], why, "name its folder under `static`, or its size")
    return complete


_Ask = Callable[[str], Any]


def _asked(sheet: Sheet) -> _Ask:
    """Values by folded key; Zola's themes have theirs under ``extra``."""
    _, extra = sheet.first("extra")
    more = _folded(extra) if isinstance(extra, dict) else {}

    def ask(key: str) -> Any:
        _, value = sheet.first(key)
        return more.get(key) if value is None else value

    return ask


def _folded(pairs: dict[str, Any]) -> dict[str, Any]:
    return {fold_key(str(name)): value for name, value in pairs.items()}


# --- what the front matter claims ---


def _claims(ask: _Ask) -> Iterator[_Claim]:
    for key, family in _KEYS.items():
        value = ask(key)
        if value is not None:
            yield from _in(value, _Claim(key=key, family=family, address=""), 0)


def _in(value: Any, around: _Claim, depth: int) -> Iterator[_Claim]:
    """The files that a value names; ``around`` is what is known of them from outside."""
    if isinstance(value, str):
        yield _from_text(value, around)
    elif isinstance(value, list) and depth < _MAX_DEPTH:
        for one in value:
            yield from _in(one, around, depth + 1)
    elif isinstance(value, dict) and depth < _MAX_DEPTH:
        yield from _from_map(_folded(value), around, depth + 1)


def _from_text(text: str, around: _Claim) -> _Claim:
    lines = _LINES.fullmatch(text.strip())
    if not lines:
        return replace(around, address=text)
    duration = _PHP_DURATION.search(text, lines.end("type"))
    return replace(
        around,
        address=lines["url"],
        length=_count(lines["length"]) or around.length,
        type=_mime(lines["type"]) or around.type,
        duration=_seconds(duration[1]) if duration else around.duration,
    )


def _from_map(pairs: dict[str, Any], around: _Claim, depth: int) -> Iterator[_Claim]:
    around = replace(
        around,
        type=_first(pairs, _TYPES, _mime) or around.type,
        length=_first(pairs, _LENGTHS, _count) or around.length,
        duration=_first(pairs, _DURATIONS, _duration_in_map(pairs)) or around.duration,
        title=_first(pairs, _TITLES, text_of) or around.title,
    )
    named = [pairs[name] for name in _ADDRESSES if pairs.get(name)][:1]
    named += [pairs[name] for name in _SEVERAL if pairs.get(name)]
    formats = [name for name in pairs if name in _FORMATS]
    for value in named:
        yield from _in(value, around, depth)
    for name in formats:
        yield from _in(pairs[name], replace(around, format=name), depth)
    if not named and not formats and around.key in _DEMANDING and depth <= 2:
        yield around


def _duration_in_map(pairs: dict[str, Any]) -> Callable[[Any], int | None]:
    """``length`` counts bytes, unless it is written like a clock."""
    length = pairs.get("length")
    return lambda value: None if value is length and ":" not in str(value) else _seconds(value)


def _first(pairs: dict[str, Any], names: Iterable[str], read: Callable[[Any], _Value | None]) -> _Value | None:
    return next((found for name in names if name in pairs and (found := read(pairs[name]))), None)


# --- values ---


def _mime(value: Any) -> str:
    kind = (text_of(value) or "").partition(";")[0].strip().lower()
    return kind if _MIME.fullmatch(kind) else ""


def _count(value: Any) -> int | None:
    """A number of bytes; ``12 MB`` is none, since it is not exact."""
    if isinstance(value, bool):
        return None
    text = _COUNT.fullmatch(text_of(value) or "")
    return int(re.sub("[,_ ]", "", text[1])) or None if text else None


def _seconds(value: Any) -> int | None:
    """A playing time: seconds, ``H:MM:SS``, ``MM:SS``, ``PT1H2M`` or ``62 min``; None when it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, time):
        return value.hour * 3600 + value.minute * 60 + value.second or None
    text = (text_of(value) or "").strip()
    if found := _SECONDS.fullmatch(text):
        return int(found[1]) or None
    found = _CLOCK.fullmatch(text) or (_SPOKEN.fullmatch(text) if text else None)
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds or None


# --- files ---


def _enclosure(claim: _Claim, places: Places, sheet: Sheet) -> Enclosure | None:
    address = cleaned(claim.address)
    is_unusable = _is_unusable(address, claim)
    if not is_unusable and not _is_address(address, claim):
        return None
    file, url = (None, None) if is_unusable else located(address, places)
    if url is None:
        why = f"{quoted(claim.address)} is no address of a file" if claim.address else "it names no file"
        sheet.warn(claim.key, why, "write a path or an http address")
        return None
    length, head = _measured(file)
    family = claim.family if claim.family in {"audio", "video"} else ""
    said = claim.type or TYPES.get(claim.format, "")
    return Enclosure(
        url=url,
        type=type_of(address, said=said, family=family, head=head) or _DEFAULT_TYPES[claim.family],
        length=length or claim.length,
        duration=claim.duration,
        title=claim.title or None,
    )


def _is_unusable(address: str, claim: _Claim) -> bool:
    """It is meant for a file and can be none: another scheme, a drive of the author's machine, a template."""
    if not address:
        return claim.key in _DEMANDING and not claim.address
    if extension_of(address) not in TYPES:
        return False
    if _DRIVE.match(address) or "{{" in address or "{%" in address:
        return True
    scheme = _ANY_SCHEME.match(address)
    return scheme is not None and scheme[0].lower() not in {"http:", "https:"} and " " not in address


def _is_address(address: str, claim: _Claim) -> bool:
    """Whether it names a file, and no title, flag, number or page with a player."""
    kind = TYPES.get(extension_of(address), "")
    if kind:
        return claim.family == "file" or kind.startswith(("audio/", "video/")) or bool(claim.format)
    is_told = bool(claim.type or claim.length or claim.format)
    if not has_scheme(address):
        # Without a known extension, only a path that can be nothing else.
        is_path = address.startswith(("/", "./", "../")) and not address.startswith("//")
        return is_path and " " not in address and (is_told or claim.family == "file") and len(address) > 1
    if extension_of(urlsplit(address).path) in _PAGES or _is_player(address):
        return False
    return is_told or claim.family in {"file", "audio"}


def _is_player(address: str) -> bool:
    host = address.partition("//")[2].partition("/")[0].partition(":")[0].lower()
    return any(host == player or host.endswith(f".{player}") for player in _PLAYERS)


def _measured(file: str | None) -> tuple[int | None, bytes]:
    """Length and beginning of a file at hand."""
    if file is None:
        return None, b""
    try:
        stat = os.stat(file)  # noqa: PTH116 - a third of Path's time
        return stat.st_size or None, _head(file, stat.st_mtime_ns, stat.st_size)
    except OSError:
        return None, b""


@lru_cache(maxsize=64)
def _head(file: str, _mtime_ns: int, _size: int) -> bytes:
    with Path(file).open("rb") as opened:
        return opened.read(HEAD_BYTES)


# --- all files of an article ---


def _joined(before: Enclosure | None, after: Enclosure) -> Enclosure:
    """One file named twice: what is said first holds."""
    if before is None:
        return after
    return replace(
        before,
        type=after.type if before.type == UNKNOWN else before.type,
        length=before.length or after.length,
        duration=before.duration or after.duration,
        title=before.title or after.title,
    )


def _completed(found: Iterable[Enclosure], key: str, ask: _Ask) -> list[Enclosure]:
    """With what stands beside the keys: the playing time is that of all formats, the length that of the first file."""
    first, *rest = found
    stem = _stem(key)
    if first.length is None:
        names = [f"{stem}{name}" for name in _LENGTHS] + list(_OVERALL_LENGTHS)
        first = replace(first, length=next(filter(None, map(_count, map(ask, names))), None))
    if first.type == UNKNOWN:
        kinds = filter(None, (_mime(ask(f"{stem}{name}")) for name in _TYPES))
        first = replace(first, type=next(kinds, UNKNOWN))
    names = [f"{stem}{name}" for name in _DURATIONS if name != "length"] + list(_OVERALL)
    values = [*map(ask, names), *(_within(ask(name)) for name in ("podcast", "itunes", "episode", "audio"))]
    duration = next(filter(None, map(_seconds, values)), None)
    return [_timed(enclosure, duration) for enclosure in (first, *rest)]


def _stem(key: str) -> str:
    """``podcast`` of ``podcast_file``."""
    return next((key.removesuffix(end) for end in _ENDINGS if key.endswith(end) and key != end), key)


def _within(value: Any) -> Any:
    return _folded(value).get("duration") if isinstance(value, dict) else None


def _timed(enclosure: Enclosure, duration: int | None) -> Enclosure:
    if not enclosure.type.startswith(("audio/", "video/")):
        return replace(enclosure, duration=None)
    return replace(enclosure, duration=enclosure.duration or duration)


def _titled(enclosures: Iterable[Enclosure], title: str) -> tuple[Enclosure, ...]:
    """Formats of one recording (``1.mp3`` and ``1.ogg``) have one title: the article's, if they have none."""
    found = list(enclosures)
    names = Counter(_name(one) for one in found)
    return tuple(one if one.title or names[_name(one)] < 2 else replace(one, title=title) for one in found)


def _name(enclosure: Enclosure) -> str:
    """The file's name without its extension, where it can be played; empty where not."""
    if not enclosure.type.startswith(("audio/", "video/")):
        return enclosure.url
    return unquote(urlsplit(enclosure.url).path.rpartition("/")[2].rpartition(".")[0])
