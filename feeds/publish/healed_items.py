"""Heal what feedgen writes of one item: dates, authors, links, images, files, and where it comes from.

The faults stand in the docstring of ``healed.py``; like it, this room is entered only when something is rendered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from feedgen.entry import FeedEntry
from lxml import etree

from feeds.publish.head import Row, Said, Values

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

#: feedgen wants a datetime; the extension overwrites what becomes of it.
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def add(parent: Any, tag: str, text: str | None) -> None:
    """Add an element, unless it would be empty."""
    if text:
        etree.SubElement(parent, tag).text = text


def add_link(parent: Any, tag: str, **attributes: str | None) -> None:
    """Add a link with those attributes that have a value, in the order given."""
    etree.SubElement(parent, tag, {name: value for name, value in attributes.items() if value})


class HealedEntry:
    """The extension's part for one item: dates, authors, links, images and files. feedgen calls its methods."""

    said: Said

    def extend_rss(self, element: Any) -> None:
        """Complete an RSS item."""
        values, parts = self.said.values, self.said.parts
        add(element, "pubDate", values.get("published"))
        add(element, f"{{{ATOM}}}updated", values.get("updated"))
        for (name,) in parts["authors"]:
            add(element, f"{{{DC}}}creator", name)
        add(element, f"{{{DC}}}language", values.get("language"))
        _add_cited(element, f"{{{ATOM}}}link", parts)
        add(element, f"{{{ITUNES}}}duration", values.get("enclosure_duration"))
        if "image_url" in values:
            content = _add_image(element, values)
            if "image_alt" in values:
                etree.SubElement(content, f"{{{MEDIA}}}description", type="plain").text = values["image_alt"]
        for enclosure in parts["enclosures"]:
            _add_rendition(element, enclosure)
        if "source_url" in values:
            etree.SubElement(element, "source", url=values["source_url"]).text = values["source_title"]

    def extend_atom(self, element: Any) -> None:
        """Complete an Atom entry."""
        values = self.said.values
        element.find("updated").text = values["updated"]
        if "published" in values:
            element.find("published").text = values["published"]
        language = values.get("language")
        if language:
            element.set(_LANG, language)
        add_link(element, "link", rel="alternate", href=values.get("url"), type="text/html", hreflang=language)
        for href, kind, length, title in self.said.parts["enclosures"]:
            add_link(element, "link", rel="enclosure", href=href, type=kind, length=length, title=title)
        _add_cited(element, "link", self.said.parts)
        if "image_url" in values:
            # Without a description: feedparser would take it for the summary of an entry that has none.
            _add_image(element, values)
        if "source_url" in values:
            _add_source(element, values)


def _add_cited(parent: Any, tag: str, parts: Mapping[str, Sequence[Row]]) -> None:
    """Add links, then what the sources' feeds say of the pages: Atom's link has a place for no more than a title.

    ``dc:relation`` is a text about a related resource, which the W3C validator knows and allows more than once.
    ``dcterms:issued`` and ``dc:creator`` within a link would be lawful Atom too, but readers that look at names alone
    (feedparser) would take them for the entry's own date and author.
    """
    for rel, href, title in parts["cited"]:
        add_link(parent, tag, rel=rel, href=href, title=title)
    for (reference,) in parts["verified"]:
        add(parent, f"{{{DC}}}relation", reference)


def _add_source(parent: Any, values: Values) -> None:
    """Add atom:source (RFC 4287 §4.2.11), which the W3C validator wants to be dated.

    Its feed was changed when the entry was, at the earliest; nothing else is known of it.
    """
    source = etree.SubElement(parent, "source")
    add(source, "id", values["source_id"])
    add(source, "title", values["source_title"])
    add(source, "updated", values["updated"])
    add_link(source, "link", rel="self", href=values["source_url"])


def _add_image(parent: Any, values: Values) -> Any:
    """Add media:content (returned) and media:thumbnail, by which readers know a picture from an episode."""
    url = values["image_url"]
    sizes = {name: values.get(f"image_{name}") for name in ("width", "height")}
    said = {"url": url, "type": values.get("image_type"), "medium": "image", "fileSize": values.get("image_length")}
    content = _add_media(parent, "content", said | sizes)
    _add_media(parent, "thumbnail", {"url": url, **sizes})
    return content


def _add_rendition(parent: Any, row: Row) -> None:
    """Add a file beside the one that RSS's enclosure names: more than one of those confuses readers."""
    *said, title = row
    names = ("url", "type", "medium", "fileSize", "duration")
    content = _add_media(parent, "content", dict(zip(names, said, strict=True)))
    add(content, f"{{{MEDIA}}}title", title)


def _add_media(parent: Any, name: str, attributes: Mapping[str, str | None]) -> Any:
    known = {attribute: value for attribute, value in attributes.items() if value}
    return etree.SubElement(parent, f"{{{MEDIA}}}{name}", known)


def rss_entry(said: Said, html: str) -> FeedEntry:
    """Fill what feedgen renders of an RSS item; ``html`` is the content, or a mark for it."""
    values, entry = said.values, _healed_entry(said)
    if "url" in values:
        entry.link(href=values["url"], rel="alternate")
    entry.content(html)
    entry.description(values.get("summary"))
    if "author_name" in values:
        entry.author({"name": values["author_name"], "email": values["author_email"]})
    if "enclosure_url" in values:
        entry.enclosure(values["enclosure_url"], values["enclosure_length"], values["enclosure_type"])
    return entry


def atom_entry(said: Said, html: str) -> FeedEntry:
    """Fill what feedgen renders of an Atom entry; ``html`` is the content, or a mark for it."""
    entry = _healed_entry(said)
    if "published" in said.values:
        entry.published(ANY_TIME)
    entry.content(html, type="html")
    entry.summary(said.values.get("summary"), type="html")
    entry.author([dict(zip(("name", "email", "uri"), author, strict=True)) for author in said.parts["authors"]])
    return entry


def _healed_entry(said: Said) -> FeedEntry:
    entry = FeedEntry()
    entry.register_extension("healed", HealedEntry)
    entry.healed.said = said
    entry.id(said.values.get("id"))
    entry.title(said.values.get("title"))
    entry.updated(ANY_TIME)
    categories = said.parts["categories"]
    entry.category([dict(zip(("term", "scheme"), category, strict=True)) for category in categories])
    return entry
