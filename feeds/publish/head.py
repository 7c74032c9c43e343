"""What the head of an RSS or Atom document says, as values with names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from feeds.model import Feed, Person
from feeds.publish import fit

#: What a shell says, by name. Names that are absent leave their elements out, so the names are the shell's shape.
Values = Mapping[str, str]

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
    if _RSS_IMAGE.search(fit.one_line(feed.icon or "")):
        values["image_url"] = fit.one_line(feed.icon or "")
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
    links = feed.links
    values = {
        "id": fit.one_line(feed.id),
        "title": fit.plain(fit.feed_title(feed)),
        "description": fit.plain(feed.description) or fit.plain(fit.feed_title(feed)),
        "home_url": fit.one_line(feed.home_url),
        "self_url": fit.one_line(feed.self_url),
        "language": fit.one_line(feed.language),
        "hub_url": fit.one_line(feed.hub or ""),
        "current_url": fit.one_line(links.current or ""),
        "prev_archive_url": fit.one_line(links.prev_archive or ""),
        "next_archive_url": fit.one_line(links.next_archive or ""),
    }
    return {name: value for name, value in values.items() if value}


def count_tombstones(values: Iterable[str]) -> int:
    """How many tombstones the values name: ref_0, when_0, ref_1 ..."""
    return sum(name.startswith("ref_") for name in values)


def person_values(person: Person) -> dict[str, str | None]:
    """A person as Atom and feedgen name one."""
    return {"name": fit.plain(person.name), "email": fit.mailbox(person), "uri": fit.one_line(person.url or "")}
