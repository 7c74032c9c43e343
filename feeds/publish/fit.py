"""Make text and times fit to publish: no forbidden character, no locale in a date, escapes that readers agree on."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from feeds.model import UNDATED, Enclosure, Feed, Item, Origin, Person

#: What may stand in a document: XML 1.0's Char without DEL and the C1 controls, the noncharacters U+FDD0..FDEF and
#: U+FFFD, which the W3C validator reports. One repeated class, since matching it whole is twice as fast as a search.
_FIT = re.compile("[\\t\\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffc\U00010000-\U0010ffff]*")
_UNFIT = re.compile("[^\\t\\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffc\U00010000-\U0010ffff]+")
#: What may stand in a document, and none of ``<>&`` but in a reference. Possessive, so that nothing backtracks.
_INERT = re.compile(
    "(?:[\\t\\n\x20-%'-;=?-~\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffc\U00010000-\U0010ffff]++"
    "|&(?:amp|lt|gt|quot|#x26|#x3C);)*+"
)
_BREAKS = re.compile("[\\t\\n]+")

#: Stand for ``&`` and ``<`` of plain text until the XML is written. ``clean`` lets neither through.
AMPERSAND, LESS_THAN = "\ufdd0", "\ufdd1"

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Seconds.
_HOUR = 3600

#: Where a format demands a date and there is none: any constant does, this one is plausible to validators.
ANY_DATE = datetime(2000, 1, 1, tzinfo=UTC)

#: An addr-spec as the W3C validator accepts it. Each class ends where the next begins, so nothing backtracks.
_MAILBOX = re.compile(r"[\w.+'!#$%&*/=?^`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)
#: These end or escape the comment of ``a@b.example (Name)``.
_NOT_IN_COMMENT = re.compile(r"[()\\]")


def clean(text: str) -> str:
    r"""Drop what no feed may hold (controls, lone surrogates, noncharacters, U+FFFD); every line ends in \n."""
    if _FIT.fullmatch(text):
        return text
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@lru_cache(maxsize=8192)
def one_line(text: str) -> str:
    """``clean``, for titles, names and URLs: line breaks become spaces, and none stands at either end.

    Cached: names, schemes and publishers repeat from item to item, and each field is asked for once per format.
    """
    # What Python calls printable is fit and has no breaks, but for U+FFFD: 0.3 us instead of 2, for 20 texts an item.
    if text.isprintable() and "\ufffd" not in text:
        return text.strip(" ")
    return _BREAKS.sub(" ", clean(text)).strip(" ")


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """``one_line`` for text that is no HTML, with marks for ``&`` and ``<`` that ``write_marks`` resolves.

    The RSS Advisory Board's profile asks for ``&#x26;`` and ``&#x3C;``: readers that decode plain text twice still
    show ``List<T>`` then. No XML writer can be told to write them, hence the marks.
    """
    return one_line(text).replace("&", AMPERSAND).replace("<", LESS_THAN)


def write_marks(xml: str) -> str:
    """Replace the marks of ``plain`` by the references that they stand for."""
    return xml.replace(AMPERSAND, "&#x26;").replace(LESS_THAN, "&#x3C;")


def escape(text: str) -> str:
    """Escape text for the inside of an element, as lxml (libxml2) writes it, and as HTML takes it too."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_attribute(text: str) -> str:
    """Escape text for a value in double quotes, as lxml writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def is_inert(xml: str) -> bool:
    """Whether a text that is written already can open and end nothing in an element."""
    return _INERT.fullmatch(xml) is not None


def is_known(moment: datetime) -> bool:
    """Whether anybody said when."""
    return moment > UNDATED


def rfc3339(moment: datetime) -> str:
    """``2025-07-03T20:10:47+08:00``: Atom and JSON Feed dates."""
    return _dates(moment, moment.utcoffset())[0]


def rfc822(moment: datetime) -> str:
    """``Thu, 03 Jul 2025 20:10:47 +0800``: RSS and OPML dates, English whatever the locale."""
    return _dates(moment, moment.utcoffset())[1]


@lru_cache(maxsize=1024)
def _dates(moment: datetime, _offset: timedelta | None) -> tuple[str, str]:
    """Both spellings. Cached: an item's dates stand in each format, and the newest item's in each of its feeds.

    The offset is part of the key, since moments are equal whatever their zone.
    """
    day = civil(moment)
    iso = day.isoformat()
    # strftime's names follow the locale, and email.utils takes 23 ms to import.
    weekday, month = _DAYS[day.weekday()], _MONTHS[day.month - 1]
    return iso, f"{weekday}, {iso[8:10]} {month} {iso[:4]} {iso[11:19]} {iso[19:22]}{iso[23:25]}"


def civil(moment: datetime) -> datetime:
    """Cut a moment to whole seconds, in its own zone if that is whole hours off UTC, else in UTC.

    RFC 822 has no fractions, and a reader compares the formats; ``+08:05:43`` (Shanghai before 1901) is no valid
    offset anywhere, and several readers of RSS take no minutes in one.
    """
    offset = moment.utcoffset()
    if offset and (offset.seconds % _HOUR or offset.microseconds):
        moment = moment.astimezone(UTC)
    return moment.replace(microsecond=0) if moment.microsecond else moment


def mailbox(person: Person) -> str | None:
    """The person's e-mail address if it is one, else None."""
    if not person.email:
        return None
    email = one_line(person.email)
    return email if _MAILBOX.fullmatch(email) else None


def named_mailbox(person: Person) -> str | None:
    """``a@b.example (Name)``, the form of RSS; None when the person has no address or the name breaks the form."""
    email, name = mailbox(person), one_line(person.name)
    if not email or not name or _NOT_IN_COMMENT.search(name):
        return None
    return f"{email} ({name})"


def named(people: tuple[Person, ...]) -> list[Person]:
    """The people who have a name: no format knows authors without one."""
    return [person for person in people if one_line(person.name)]


def enclosures(item: Item) -> list[Enclosure]:
    """The item's files that have an address and a type: RSS demands both."""
    return [one for one in item.enclosures if one_line(one.url) and one_line(one.type)]


def title(item: Item) -> str:
    """The item's title; its address when nothing printable is left of it (Atom and feedgen demand one)."""
    return one_line(item.title) or one_line(item.url)


def feed_title(feed: Feed) -> str:
    """The feed's title; its page's address when nothing printable is left of it."""
    return one_line(feed.title) or one_line(feed.home_url)


def origin(item: Item) -> Origin | None:
    """The feed that the item comes from, complete: RSS demands an address, Atom an id, and people a title.

    None when it names no address: RSS could not tell it, and nobody could go there.
    """
    if item.origin is None or not one_line(item.origin.url):
        return None
    url = one_line(item.origin.url)
    return Origin(title=one_line(item.origin.title) or url, url=url, id=one_line(item.origin.id) or url)


@lru_cache(maxsize=16)
def html(item_html: str, otherwise: str) -> str:
    """The item's HTML, or a paragraph of ``otherwise`` (its title) when it is blank: JSON Feed demands content.

    Cached, few: the three formats ask for one item's in a row.
    """
    return clean(item_html) if item_html.strip() else f"<p>{escape(otherwise)}</p>"
