"""What the head of an RSS or Atom document says, and what an item says in it, as values with names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from feeds.model import Category, CitedSource, Enclosure, Feed, Image, Item, Person
from feeds.publish import fit

#: What a shell says, by name. Names that are absent leave their elements out, so the names are the shell's shape.
Values = Mapping[str, str]
#: What a part of an item says. An empty value leaves its attribute or element out.
Row = tuple[str, ...]

#: Parts that an item may have several of: categories as (term, scheme), authors as (name, email, uri) or, in RSS,
#: (name,), files as (url, type, length, title) or, in RSS, (url, type, medium, length, duration, title), cited pages as
#: (rel, href, title), what their own feeds say of them as (one line,).
NO_PARTS: Mapping[str, Sequence[Row]] = {
    "categories": (),
    "authors": (),
    "enclosures": (),
    "cited": (),
    "verified": (),
}

#: What media:content calls kinds of files, by the beginning of their type; all others are documents.
_MEDIA = {"audio": "audio", "image": "image", "video": "video"}


class Said(Struct, frozen=True):
    """What an item says in one format."""

    values: Values
    parts: Mapping[str, Sequence[Row]]


#: RSS takes no other images in its channel, and judges them by their extension.
_RSS_IMAGE = re.compile(r"\.(?:gif|jpe?g|png)$", re.IGNORECASE)
#: Minutes in each ``sy:updatePeriod``, shortest first. Months and years have no fixed number of minutes.
_PERIODS = ((60, "hourly"), (1440, "daily"), (10080, "weekly"))


def rss_values(feed: Feed) -> dict[str, str]:
    """What the shell of an RSS document says."""
    values = _common_values(feed)
    values["updated"] = fit.rfc822(feed.updated)
    ttl = max(1, feed.ttl)
    values["ttl"] = str(ttl)
    for minutes, period in _PERIODS:
        if minutes % ttl == 0:
            values |= {"period": period, "frequency": str(minutes // ttl)}
            break
    editor = fit.named_mailbox(feed.author)
    values |= {"editor": editor} if editor else {"creator": _author(feed)}
    icon = fit.one_line(feed.icon or "")
    if _RSS_IMAGE.search(icon):
        values["image_url"] = icon
    return values


def atom_values(feed: Feed) -> dict[str, str]:
    """What the shell of an Atom document says."""
    values = _common_values(feed)
    values["updated"] = fit.rfc3339(feed.updated)
    author = person_values(feed.author) | {"name": _author(feed)}
    values |= {f"author_{field}": value for field, value in author.items() if value}
    if feed.icon:
        values["icon_url"] = fit.one_line(feed.icon)
    for number, tombstone in enumerate(feed.tombstones):
        values |= {f"ref_{number}": fit.one_line(tombstone.ref), f"when_{number}": fit.rfc3339(tombstone.when)}
    return values


def _author(feed: Feed) -> str:
    """Atom demands an author of the feed, for entries that name none: at worst the feed itself."""
    return fit.plain(feed.author.name) or fit.plain(fit.feed_title(feed))


def _common_values(feed: Feed) -> dict[str, str]:
    links, title = feed.links, fit.plain(fit.feed_title(feed))
    values = {
        "id": fit.one_line(feed.id),
        "title": title,
        "description": fit.plain(feed.description) or title,
        "home_url": fit.one_line(feed.home_url),
        "self_url": fit.one_line(feed.self_url),
        "language": fit.one_line(feed.language),
        "hub_url": fit.one_line(feed.hub or ""),
        "current_url": fit.one_line(links.current or ""),
        "prev_archive_url": fit.one_line(links.prev_archive or ""),
        "next_archive_url": fit.one_line(links.next_archive or ""),
    }
    for number, other in enumerate(feed.alternates):
        values |= {f"{_LANGUAGE}{number}": fit.one_line(other.language)}
        values |= {f"other_title_{number}": fit.plain(other.title), f"other_url_{number}": fit.one_line(other.url)}
    return {name: value for name, value in values.items() if value}


#: How the names of the languages are called that a feed names; the number of each follows.
_LANGUAGE = "other_language_"


def count_tombstones(values: Iterable[str]) -> int:
    """How many tombstones the values name: ref_0, when_0, ref_1 ..."""
    return sum(name.startswith("ref_") for name in values)


def count_alternates(values: Iterable[str]) -> int:
    """In how many other languages the values name the feed: other_language_0, other_title_0, other_url_0 ..."""
    return sum(name.startswith(_LANGUAGE) for name in values)


def said_of(item: Item) -> Said:
    """What RSS and Atom both say of an item: worked out once for the two."""
    image = _image_values(item.image) if item.image else {}
    return Said(_item_values(item) | image | _origin_values(item), _item_parts(item))


def rss_item_said(item: Item, both: Said) -> Said:
    """What an RSS item says.

    RSS has one author, with an e-mail address; everybody else is a dc:creator. It has one enclosure; further files are
    media:content.
    """
    values = {**both.values, **({"published": fit.rfc822(item.published)} if item.published else {})}
    if not fit.is_known(item.updated):
        del values["updated"]
    enclosures = fit.enclosures(item)
    if enclosures:
        values |= _enclosure_values(enclosures[0])
    authors = fit.named(item.authors)
    if len(authors) == 1 and fit.named_mailbox(authors[0]):
        values |= {"author_name": fit.plain(authors[0].name), "author_email": fit.mailbox(authors[0]) or ""}
        authors = []
    files = [_rendition_row(enclosure) for enclosure in enclosures[1:]]
    return Said(values, {**both.parts, "authors": [(fit.plain(one.name),) for one in authors], "enclosures": files})


def atom_item_said(item: Item, both: Said) -> Said:
    """What an Atom entry says. Its image is a file as well where type and length are known; it comes last."""
    values = {**both.values, **({"published": fit.rfc3339(item.published)} if item.published else {})}
    files = [_file_row(enclosure) for enclosure in fit.enclosures(item)]
    image = item.image
    if image and image.length and image.type.startswith("image/") and fit.one_line(image.url):
        files.append(_row(image.url, image.type, image.length, image.alt))
    people = [_person_row(author) for author in fit.named(item.authors)]
    return Said(values, {**both.parts, "authors": people, "enclosures": files})


def _enclosure_values(enclosure: Enclosure) -> dict[str, str]:
    values = {
        "enclosure_url": fit.one_line(enclosure.url),
        # RSS demands a length; 0 stands for one that is not known (RSS Advisory Board's profile).
        "enclosure_length": str(enclosure.length or 0),
        "enclosure_type": fit.one_line(enclosure.type),
    }
    return values | ({"enclosure_duration": str(enclosure.duration)} if enclosure.duration else {})


def _rendition_row(enclosure: Enclosure) -> Row:
    url, kind, length, title = _file_row(enclosure)
    medium = _MEDIA.get(kind.partition("/")[0], "document")
    return url, kind, medium, length, str(enclosure.duration or ""), title


def _file_row(enclosure: Enclosure) -> Row:
    return _row(enclosure.url, enclosure.type, enclosure.length, enclosure.title or "")


def _row(url: str, kind: str, length: int | None, title: str) -> Row:
    return fit.one_line(url), fit.one_line(kind), str(length or ""), fit.plain(title)


def _item_values(item: Item) -> dict[str, str]:
    values = {
        "id": fit.one_line(item.id),
        "title": fit.plain(fit.title(item)),
        "url": fit.one_line(item.url),
        # As HTML in both formats: a plain-text summary that speaks of </p> is taken for a mistake.
        "summary": fit.escape(fit.one_line(item.summary)),
        "updated": fit.rfc3339(item.updated if fit.is_known(item.updated) else fit.ANY_DATE),
        "language": fit.one_line(item.language),
    }
    return {name: value for name, value in values.items() if value}


def _image_values(image: Image) -> dict[str, str]:
    """What is known of it; nothing without an address."""
    if not fit.one_line(image.url):
        return {}
    sizes = {"image_length": image.length, "image_width": image.width, "image_height": image.height}
    said = {"image_url": fit.one_line(image.url), "image_type": fit.one_line(image.type)}
    said |= {"image_alt": fit.plain(image.alt)} | {name: str(number or "") for name, number in sizes.items()}
    return {name: value for name, value in said.items() if value}


def _origin_values(item: Item) -> dict[str, str]:
    origin = fit.origin(item)
    if origin is None:
        return {}
    return {"source_title": fit.plain(origin.title), "source_url": origin.url, "source_id": origin.id}


def _item_parts(item: Item) -> dict[str, Sequence[Row]]:
    """Neither the language nor the type of the pages cited is known, so neither is claimed."""
    return {
        "categories": [row for category in item.categories if (row := _category_row(category))[0]],
        "cited": [(c.rel, fit.one_line(c.url), fit.plain(c.title)) for c in item.citations if c.url],
        "verified": [(line,) for c in item.citations if c.verified and (line := _reference(c))],
    }


def _reference(cited: CitedSource) -> str:
    """What a source's own feed says of a page, on one line, as a bibliography has it; its address comes last."""
    said = (cited.title, cited.source, cited.author, cited.published, cited.url)
    return " · ".join([line for text in said if text and (line := fit.plain(text))])


def _category_row(category: Category) -> Row:
    return fit.plain(category.term), fit.one_line(category.scheme)


@lru_cache(maxsize=1024)
def _person_row(person: Person) -> Row:
    return tuple(value or "" for value in person_values(person).values())


def person_values(person: Person) -> dict[str, str | None]:
    """A person as Atom and feedgen name one."""
    return {"name": fit.plain(person.name), "email": fit.mailbox(person), "uri": fit.one_line(person.url or "")}
