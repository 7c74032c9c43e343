"""Turn an entry of a source into an item of ours: as it stands, as a gap to fill, or as a change to look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from feeds.model import Enclosure, Image, Item, Origin, Person
from feeds.polled import Entry
from feeds.publish.select import Publication, categories_of, is_iri
from feeds.publish.terms import Term

#: Characters of a summary that stand for a title where an entry has none (posts of Mastodon, Telegram and the like).
_TITLE_LENGTH = 80

#: Types of pictures by the end of their address, since a feed says no type of them and RSS demands one.
_IMAGE_TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}


class _Words(Struct, frozen=True, kw_only=True):
    """What items for the editor say beside names."""

    #: Title of a change, by its word (``""`` for any other word); {source}, {title}, {before} and {after} as they are.
    changes: Mapping[str, str]
    before: str
    after: str
    #: Over the articles of ours that cite the entry.
    articles: str
    #: Between the reasons of a gap, in its summary.
    between: str


#: By primary language subtag.
_WORDS = {
    "zh": _Words(
        changes={
            "retitled": "{source} 改了标题：{before} → {after}",
            "edited": "{source} 修改了内容：{title}",
            "moved": "{source} 已移动：{title}",
            "withdrawn": "{source} 已撤下：{title}",
            "returned": "{source} 重新上线：{title}",
            "dead": "{source} 已失效：{title}",
            "": "{source} 有变动：{title}",
        },
        before="原来：",
        after="现在：",
        articles="引用它的文章",
        between="；",
    ),
    "en": _Words(
        changes={
            "retitled": "{source} changed a title: {before} → {after}",
            "edited": "{source} edited: {title}",
            "moved": "{source} moved: {title}",
            "withdrawn": "{source} withdrew: {title}",
            "returned": "{source} brought back: {title}",
            "dead": "{source}, no longer there: {title}",
            "": "{source} changed: {title}",
        },
        before="Before: ",
        after="After: ",
        articles="Articles that cite it",
        between="; ",
    ),
}


def entry_item(  # noqa: PLR0913 (an entry, and what is known of its feed)
    publication: Publication,
    entry: Entry,
    *,
    source: str,
    feed_url: str,
    feed_title: str,
    feed_id: str = "",
    at: datetime,
    terms: Sequence[Term] = (),
) -> Item:
    """The entry in a feed of ours, as its source says it.

    Args:
        publication: The site.
        entry: What the source's feed says.
        source: Name of the source; its author where the entry names none, since it is not the site that speaks.
        feed_url: Address of the source's feed.
        feed_title: What that feed calls itself; the source's name stands in for it.
        feed_id: That feed's own id, if it has one.
        at: When the entry was first seen; its date where it has none.
        terms: Those of the articles beside which it stands.
    """
    published = entry.published or at
    return Item(
        # An IRI beyond ASCII is lawful Atom, but an error to the W3C validator (UriNotIri).
        id=entry.id if entry.id.isascii() and is_iri(entry.id) else _urn(feed_url, entry.id),
        url=_page(entry, feed_url),
        title=_title(entry, feed_url),
        summary=entry.summary,
        html=entry.content or _paragraph(entry.summary),
        published=published,
        updated=max(entry.updated or published, published),
        authors=_authors(entry, source),
        categories=categories_of(publication, terms),
        language=entry.language,
        image=_image(entry),
        enclosures=_enclosures(entry),
        origin=Origin(title=feed_title or source, url=feed_url, id=feed_id),
    )


def gap_item(  # noqa: PLR0913 (likewise)
    publication: Publication,
    entry: Entry,
    *,
    source: str,
    feed_url: str,
    feed_title: str,
    at: datetime,
    reasons: Sequence[str],
) -> Item:
    """The entry as one that no article of ours covers; ``reasons`` say why one should, as sentences or words."""
    words = _words(publication)
    published = entry.published or at
    link = _link(_page(entry, feed_url), _title(entry, feed_url))
    listed = "".join(f"<li>{escape(reason)}</li>" for reason in reasons)
    return Item(
        id=_urn("gap", feed_url, entry.id),
        url=_page(entry, feed_url),
        title=_title(entry, feed_url),
        summary=words.between.join(reasons) or entry.summary,
        html=(f"<ul>{listed}</ul>" if listed else "") + f"<p>{link} · {escape(source)}</p>" + _paragraph(entry.summary),
        published=published,
        updated=max(entry.updated or published, published),
        authors=_authors(entry, source),
        language=publication.language,
        origin=Origin(title=feed_title or source, url=feed_url),
    )


def change_item(  # noqa: PLR0913 (likewise)
    publication: Publication,
    entry: Entry,
    *,
    source: str,
    feed_url: str,
    feed_title: str,
    word: str,
    before: str,
    after: str,
    at: datetime,
    articles: Sequence[tuple[str, str]],
) -> Item:
    """What became of an entry that articles of ours cite.

    Args:
        publication: The site, which says this and is its author.
        entry: As the store has it now.
        source: Name of the source.
        feed_url: Address of the source's feed.
        feed_title: What that feed calls itself.
        word: What happened: ``retitled``, ``edited``, ``moved``, ``withdrawn``, ``returned`` or ``dead``.
        before: What it was: a title, sentences that are gone, an address.
        after: What it is now.
        at: When it was seen.
        articles: Title and address of each article concerned.
    """
    words = _words(publication)
    own = _title(entry, feed_url)
    phrase = words.changes.get(word, words.changes[""])
    told = {"source": source, "title": own, "before": before or own, "after": after or own}
    title = phrase.format(**told)
    return Item(
        id=_urn("change", feed_url, entry.id, word, at.isoformat()),
        url=_page(entry, feed_url),
        title=title,
        summary=title,
        html=f"<p>{_link(_page(entry, feed_url), own)} · {escape(source)}</p>"
        + _compared(before, after, words)
        + _listed(articles, words),
        published=at,
        updated=at,
        authors=(publication.author,),
        language=publication.language,
        origin=Origin(title=feed_title or source, url=feed_url),
    )


def _words(publication: Publication) -> _Words:
    return _WORDS.get(publication.language.partition("-")[0].lower(), _WORDS["en"])


def _urn(*parts: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, _joined(parts))}"


def _joined(parts: Iterable[str]) -> str:
    """No two lists of parts give one text. A lone surrogate, which uuid5 cannot encode, becomes a question mark."""
    return "\n".join(parts).encode("utf-8", "replace").decode()


def _page(entry: Entry, feed_url: str) -> str:
    """Where people can have the entry; at worst its feed. Many podcasts link no page, but every episode has a file."""
    files = [enclosure.url for enclosure in entry.enclosures]
    return next((url for url in (entry.url, *entry.links, *files) if url), feed_url)


def _title(entry: Entry, feed_url: str) -> str:
    if entry.title:
        return entry.title
    begins = entry.summary[:_TITLE_LENGTH]
    return begins + ("…" if begins != entry.summary else "") or _page(entry, feed_url)


def _authors(entry: Entry, source: str) -> tuple[Person, ...]:
    """Never none: readers would take the site for the author."""
    return tuple(person for person in entry.authors if person.name.strip()) or (Person(name=source),)


def _image(entry: Entry) -> Image | None:
    path = (entry.image or "").partition("#")[0].partition("?")[0].lower()
    kind = _IMAGE_TYPES.get(f".{path.rpartition('.')[2]}")
    return Image(url=entry.image, type=kind) if entry.image and kind else None


def _enclosures(entry: Entry) -> tuple[Enclosure, ...]:
    """What can be heard or seen; a feed lists its pictures among its files, too."""
    duration = round(entry.duration.total_seconds()) if entry.duration else None
    files = {
        file.url: Enclosure(url=file.url, type=file.type, length=file.length, duration=duration)
        for file in entry.enclosures
        if file.type.startswith(("audio/", "video/"))
    }
    return tuple(files.values())


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def _link(url: str, title: str) -> str:
    return f'<a href="{escape(url)}">{escape(title)}</a>'


def _compared(before: str, after: str, words: _Words) -> str:
    """Both versions, one below the other: narrow readers have no room for columns."""
    was = f"<p>{words.before}<del>{_shown(before)}</del></p>" if before else ""
    now = f"<p>{words.after}<ins>{_shown(after)}</ins></p>" if after else ""
    return was + now


def _shown(text: str) -> str:
    """An address as a link, sentences as lines."""
    if text.startswith(("http://", "https://")) and is_iri(text):
        return _link(text, text)
    return escape(text).replace("\n", "<br>")


def _listed(articles: Iterable[tuple[str, str]], words: _Words) -> str:
    listed = "".join(f"<li>{_link(url, title)}</li>" for title, url in articles)
    return f"<p>{words.articles}</p><ul>{listed}</ul>" if listed else ""
