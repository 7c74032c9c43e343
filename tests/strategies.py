"""Hypothesis strategies for what is published: items, feeds, and the text people really write into them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from html import escape

from hypothesis import strategies as st

from feeds.model import (
    Alternate,
    Category,
    CitedSource,
    Enclosure,
    Feed,
    FeedLinks,
    Image,
    Item,
    Person,
    Tombstone,
)

#: Any code point at all: controls, lone surrogates and noncharacters too.
wild_text = st.text(st.characters(exclude_categories=()), max_size=60)

#: What titles and names are made of: full-width punctuation, quotes, markup signs, emoji joined by ZWJ, CJK Ext-B.
_WORDS = (
    "人工智能", "“引号”", "——", "，", "（注）", "𠮷野家", "👩‍👩‍👧", "泛型 List<T>", "R&D", "]]>", "a < b", "C++",
    "\u3000", "\"it's\"", "GPT-5", "&amp;", "%E4", "é", "e\u0301", " ",
)  # fmt: skip
_ZONES = (UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5)), timezone(timedelta(hours=1)))
people_text = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=5).map("".join).map(str.strip).filter(bool)

zones = st.sampled_from(
    [UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5)), timezone(timedelta(hours=1))]
)
moments = st.builds(
    lambda at, zone: at.replace(microsecond=0, tzinfo=zone),
    st.datetimes(min_value=datetime(1995, 1, 2), max_value=datetime(2025, 6, 30)),  # noqa: DTZ001 (the zone follows)
    st.sampled_from(_ZONES),
)
_slugs = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)
addresses = st.builds("https://news.example.com/{}/?a=1&b={}".format, _slugs, st.integers(0, 99))
partial_dates = st.sampled_from([None, "2024", "2024-08", "2024-08-01"])


def people(text: st.SearchStrategy[str] = people_text) -> st.SearchStrategy[Person]:
    """Authors, some with an address, some with a page."""
    emails = st.none() | st.builds("{}@example.org".format, _slugs)
    return st.builds(Person, name=text, email=emails, url=st.none() | addresses)


def images(text: st.SearchStrategy[str] = people_text) -> st.SearchStrategy[Image]:
    """Images at hand (their size is known) and elsewhere."""
    sizes = st.none() | st.integers(1, 10**7)
    kinds = st.sampled_from(["image/png", "image/jpeg", "image/webp", "image/svg+xml"])
    return st.builds(Image, url=addresses, type=kinds, length=sizes, alt=st.just("") | text, width=sizes, height=sizes)


def citations(text: st.SearchStrategy[str] = people_text) -> st.SearchStrategy[tuple[CitedSource, ...]]:
    """None to twelve sources; of one address only the first is kept, as ``Item.citations`` promises."""
    optional = st.none() | text
    cited = st.builds(
        CitedSource,
        url=st.none() | addresses,
        title=text,
        publisher=optional,
        author=optional,
        published=partial_dates,
        accessed=partial_dates,
        rel=st.sampled_from(["via", "related"]),
        verified=st.booleans(),
    )
    return st.lists(cited, max_size=12, unique_by=lambda c: c.url or c.title).map(tuple)


def categories(text: st.SearchStrategy[str] = people_text) -> st.SearchStrategy[tuple[Category, ...]]:
    """Tags and topics."""
    schemes = st.sampled_from(["https://example.org/tags/", "https://example.org/topics/"])
    one = st.builds(Category, term=text, scheme=schemes)
    return st.lists(one, max_size=6, unique_by=lambda c: (c.scheme, c.term)).map(tuple)


def enclosures(text: st.SearchStrategy[str] = people_text) -> st.SearchStrategy[tuple[Enclosure, ...]]:
    """Files of an article: audio in several formats, a film, a document, a picture."""
    one = st.builds(
        Enclosure,
        url=addresses,
        type=st.sampled_from(["audio/mpeg", "audio/ogg", "video/mp4", "application/pdf", "image/png"]),
        length=st.none() | st.integers(1, 10**10),
        duration=st.none() | st.integers(1, 10**5),
        title=st.none() | text,
    )
    return st.lists(one, max_size=3, unique_by=lambda enclosure: enclosure.url).map(tuple)


@st.composite
def items(draw: st.DrawFn, text: st.SearchStrategy[str] = people_text) -> Item:
    """One item of any shape."""
    published = draw(moments)
    return Item(
        id=f"tag:example.org,2025:{draw(_slugs)}",
        url=draw(addresses),
        title=draw(text),
        summary=draw(st.just("") | text),
        html=draw(st.just("") | text.map(lambda words: f"<p>{escape(words)}</p>")),
        published=published,
        updated=published + draw(st.just(timedelta()) | st.timedeltas(timedelta(), timedelta(days=90))),
        authors=tuple(draw(st.lists(people(text), max_size=3))),
        categories=draw(categories(text)),
        language=draw(st.sampled_from(["", "zh-CN", "zh-Hans", "en"])),
        image=draw(st.none() | images(text)),
        enclosures=draw(enclosures(text)),
        citations=draw(citations(text)),
    )


def item_lists(text: st.SearchStrategy[str] = people_text) -> st.SearchStrategy[list[Item]]:
    """The items of one document: their ids differ, and so do their times."""
    return st.lists(items(text), max_size=4, unique_by=(lambda item: item.id, lambda item: item.updated))


_documents = st.builds("https://example.org/{}.xml".format, _slugs)
_subscriptions = st.builds(FeedLinks, prev_archive=st.none() | _documents)
_archives = st.builds(
    FeedLinks, current=_documents, prev_archive=st.none() | _documents, next_archive=st.none() | _documents
)
#: Subscription documents, and archives: first, last and between.
feed_links = _subscriptions | _archives


def feeds(text: st.SearchStrategy[str] = people_text) -> st.SearchStrategy[Feed]:
    """Feeds of any shape."""
    icons = st.builds("https://example.org/{}.{}".format, _slugs, st.sampled_from(["png", "jpg", "webp", "ico"]))
    tombstones = st.builds(Tombstone, ref=st.builds("tag:example.org,2025:{}".format, _slugs), when=moments)
    return st.builds(
        Feed,
        id=st.builds("tag:example.org,2025:feed/{}".format, _slugs),
        title=text,
        description=text,
        home_url=addresses,
        self_url=addresses,
        updated=moments,
        language=st.sampled_from(["zh-CN", "en", "zh-TW"]),
        author=people(text),
        icon=st.none() | icons,
        hub=st.none() | addresses,
        ttl=st.sampled_from([0, 7, 15, 60, 90, 120, 1440, 10080, 99999]),
        links=feed_links,
        tombstones=st.lists(tombstones, max_size=3).map(tuple),
        alternates=st.lists(
            st.builds(Alternate, language=st.sampled_from(["de", "zh-TW"]), title=text, url=addresses),
            max_size=2,
            unique_by=lambda other: other.language,
        ).map(tuple),
    )
