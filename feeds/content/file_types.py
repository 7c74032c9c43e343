"""Tell the MIME type of a file from its name and first bytes: audio, video, documents, images. Pure.

A table of our own: Python's follows the machine's ``mime.types``, and the same input must give the same bytes.
"""

from __future__ import annotations

from feeds.content.images import TYPES as IMAGE_TYPES
from feeds.content.images import look

#: What is said of a file of which nothing is known (RFC 2046 §4.5.1).
UNKNOWN = "application/octet-stream"

_AUDIO = {
    "mp3": "audio/mpeg", "mpga": "audio/mpeg", "m4a": "audio/mp4", "m4b": "audio/mp4", "m4r": "audio/mp4",
    "aac": "audio/aac", "oga": "audio/ogg", "ogg": "audio/ogg", "spx": "audio/ogg", "opus": "audio/ogg",  # RFC 7845 §9
    "flac": "audio/flac", "wav": "audio/wav", "weba": "audio/webm", "mka": "audio/matroska", "aif": "audio/aiff",
    "aiff": "audio/aiff", "wma": "audio/x-ms-wma", "mid": "audio/midi", "midi": "audio/midi", "amr": "audio/amr",
}  # fmt: skip
_VIDEO = {
    "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "ogv": "video/ogg",
    "mkv": "video/matroska", "avi": "video/x-msvideo", "mpg": "video/mpeg", "mpeg": "video/mpeg",
    "wmv": "video/x-ms-wmv", "flv": "video/x-flv", "3gp": "video/3gpp",
}  # fmt: skip
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OTHER = {
    "pdf": "application/pdf", "epub": "application/epub+zip", "mobi": "application/x-mobipocket-ebook",
    "zip": "application/zip", "gz": "application/gzip", "tgz": "application/gzip", "tar": "application/x-tar",
    "bz2": "application/x-bzip2", "xz": "application/x-xz", "7z": "application/x-7z-compressed",
    "rar": "application/vnd.rar", "zst": "application/zstd", "torrent": "application/x-bittorrent",
    "doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
    "docx": f"{_OFFICE}wordprocessingml.document", "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation", "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet", "odp": "application/vnd.oasis.opendocument.presentation",
    "rtf": "application/rtf", "txt": "text/plain", "md": "text/markdown", "csv": "text/csv",
    "tsv": "text/tab-separated-values", "json": "application/json", "xml": "application/xml", "ics": "text/calendar",
    "vcf": "text/vcard", "vtt": "text/vtt", "srt": "application/x-subrip", "gpx": "application/gpx+xml",
    "kml": "application/vnd.google-earth.kml+xml", "geojson": "application/geo+json", "bib": "application/x-bibtex",
    "ipynb": "application/x-ipynb+json", "ps": "application/postscript",
    "apk": "application/vnd.android.package-archive", "m3u8": "application/vnd.apple.mpegurl",
    "parquet": "application/vnd.apache.parquet",
}  # fmt: skip
TYPES = {**_OTHER, **IMAGE_TYPES, **_AUDIO, **_VIDEO}
#: Containers that hold sound alone, or pictures and sound, under one name.
_EITHER = frozenset({"video/mp4", "video/webm", "video/3gpp", "video/matroska", "audio/ogg"})

_OGG = ("audio/ogg", "video/ogg")
_MP4 = ("video/mp4", "audio/mp4", "video/3gpp", "audio/3gpp")
_MATROSKA = ("video/webm", "audio/webm", "video/matroska", "audio/matroska")
#: Offset, first bytes, and what a file that begins so can be, the likeliest first.
_MAGIC = (
    (0, b"ID3", ("audio/mpeg", "audio/aac", "audio/flac")),  # a tag, which stands before other sound too
    (0, b"\xff\xfb", ("audio/mpeg",)),
    (0, b"\xff\xf3", ("audio/mpeg",)),
    (0, b"\xff\xf2", ("audio/mpeg",)),
    (0, b"\xff\xfa", ("audio/mpeg",)),
    (0, b"\xff\xf1", ("audio/aac",)),
    (0, b"\xff\xf9", ("audio/aac",)),
    (0, b"OggS", _OGG),
    (0, b"fLaC", ("audio/flac",)),
    (8, b"WAVEfmt", ("audio/wav",)),
    (8, b"AVI LIST", ("video/x-msvideo",)),
    (8, b"AIFF", ("audio/aiff",)),
    (4, b"ftypM4A", ("audio/mp4",)),
    (4, b"ftypM4B", ("audio/mp4",)),
    (4, b"ftypqt", ("video/quicktime",)),
    (0, b"\x1a\x45\xdf\xa3", _MATROSKA),
    (0, b"%PDF-", ("application/pdf",)),
)
#: How much of a file is looked at.
HEAD_BYTES = 4096


def extension_of(name: str) -> str:
    """The extension of a path or address, lower case, without its query; empty when there is none."""
    path = name.partition("#")[0].partition("?")[0]
    stem, dot, extension = path.rpartition("/")[2].rpartition(".")
    return extension.lower() if dot and stem and extension.isalnum() else ""


def type_of(name: str, *, said: str = "", family: str = "", head: bytes = b"") -> str:
    """The MIME type of a file; empty when nothing tells it.

    Args:
        name: Its path or address. What its extension says holds unless its bytes say otherwise.
        said: The type that its author says, for names that tell none.
        family: ``audio`` or ``video`` where that is known: an ``.mp4`` or ``.ogg`` may be either.
        head: Its first ``HEAD_BYTES``, or nothing.
    """
    found = TYPES.get(extension_of(name), "")
    family = said.partition("/")[0] or family
    if found in _EITHER and family in {"audio", "video"}:
        found = f"{family}/{found.partition('/')[2]}"
    found = found or said
    can_be = _can_be(head)
    return found if not can_be or found in can_be else can_be[0]


def _can_be(head: bytes) -> tuple[str, ...]:
    for offset, magic, types in _MAGIC:
        if head.startswith(magic, offset):
            return types
    looks = look(head)
    if looks and looks.type != "image/bmp":  # two letters with which a text may begin
        return (looks.type,)
    return _MP4 if head.startswith(b"ftyp", 4) else ()
