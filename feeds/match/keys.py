"""By which pages, videos, papers and DOIs an entry or a citation can be known (rules "same page" and "known ids")."""

from __future__ import annotations

import re
from collections.abc import Iterable

from feeds.match.values import Story
from feeds.model import Citation
from feeds.urls import canonical

#: A page of its own has a path or a query; a site's front page is no story, whoever links there.
_FRONT_PAGE = re.compile(r"https?://[^/?#]+/?")
_VIDEO = re.compile(
    r"https?://(?:[\w.]+\.)?youtube(?:-nocookie)?\.com/(?:watch\?v=|embed/|shorts/|live/)([\w-]{11})(?![\w-])"
)
#: Places that show papers of arXiv under arXiv's own number.
_PAPER_PAGE = re.compile(
    r"https?://(?:[\w-]+\.)?(?:arxiv\.org/(?:abs|pdf|html)|alphaxiv\.org/(?:abs|overview|pdf)|huggingface\.co/papers|"
    r"arxiv-vanity\.com/papers|ar5iv\.(?:labs\.arxiv\.)?org/(?:abs|html))/(\d{4}\.\d{4,5}|[a-z-]+/\d{7})"
)
#: What each of them has in its name: most addresses have none, and a pattern takes ten times as long to say so.
_PAPER_PLACES = ("xiv", "ar5iv", "huggingface")
_PAPER_NAMED = re.compile(r"\barxiv\s?[:：]\s?(\d{4}\.\d{4,5})(?!\d)", re.IGNORECASE)
_DOI = re.compile(r"(?<![\w.])10\.\d{4,9}/[^\s\"<>?#&，。；）」』】]{2,200}")
#: Nature prints the last part of its DOIs in its addresses; all begin with 10.1038.
_NATURE = re.compile(r"https?://(?:www\.)?nature\.com/articles/(s\d{5}-\d{3}-\d{5}-[\dxy]|d\d{5}-\d{3}-\d{5}-[\dxy])")
#: What follows a DOI in a publisher's address.
_DOI_TAIL = re.compile(
    r"(?:/(?:full(?:text)?|pdf|abstract|meta|html|epub)|\.full|\.pdf|(?<=\d)v\d+|[.,;:)\]}'·])+$", re.IGNORECASE
)


def pages_of(urls: Iterable[str]) -> tuple[str, ...]:
    """The keys of the pages behind these addresses, each once; front pages are none."""
    keys = dict.fromkeys(canonical(url) for url in urls if url)
    return tuple(key for key in keys if key and not _FRONT_PAGE.fullmatch(key))


def story_ids(story: Story, pages: Iterable[str]) -> tuple[str, ...]:
    """The known ids of an entry, from its addresses and its own ``yt:videoId``."""
    found = [f"video {story.video}"] if story.video else []
    for text in (*pages, *story.urls):
        found += _ids_in_address(text)
    return tuple(dict.fromkeys(found))


def story_keys(story: Story) -> tuple[str, ...]:
    """The pages and the known ids that an entry can be cited by, each once."""
    pages = pages_of(story.urls)
    return tuple(dict.fromkeys((*pages, *story_ids(story, pages))))


#: Where what is known by an id of each kind is usually found.
_ID_PAGES = {"video": "https://www.youtube.com/watch?v=", "arXiv": "https://arxiv.org/abs/", "DOI": "https://doi.org/"}


def pages_of_key(key: str) -> tuple[str, ...]:
    """The pages to look for by a key of ``citation_keys``: itself, or where what has this id is usually found."""
    kind, _, ident = key.partition(" ")
    return (key,) if kind not in _ID_PAGES else (canonical(_ID_PAGES[kind] + ident),)


def cited_page(citation: Citation) -> str | None:
    """The key of the page that a citation leads to."""
    key = citation.key
    return key if key and not _FRONT_PAGE.fullmatch(key) else None


def cited_ids(citation: Citation) -> tuple[str, ...]:
    """The known ids that a citation names, in its address or in its words."""
    found = [] if not citation.url else [*_ids_in_address(citation.key or ""), *_ids_in_address(citation.url)]
    found += [f"arXiv {number}" for number in _PAPER_NAMED.findall(citation.raw)]
    found += _dois(citation.raw) if "10." in citation.raw else []
    return tuple(dict.fromkeys(found))


def _ids_in_address(address: str) -> list[str]:
    found = [f"video {video}" for video in _VIDEO.findall(address)] if "youtube" in address else []
    if any(place in address for place in _PAPER_PLACES):
        found += [f"arXiv {number}" for number in _PAPER_PAGE.findall(address)]
    if "nature.com" in address:
        found += [f"DOI 10.1038/{number}" for number in _NATURE.findall(address)]
    return found + (_dois(address) if "10." in address else [])


def _dois(text: str) -> list[str]:
    """DOIs in lower case (they are compared so: DOI Handbook 2.4); arXiv's own are numbers of papers."""
    found = []
    for doi in _DOI.findall(text.replace("%2F", "/").replace("%2f", "/")):
        bare = _DOI_TAIL.sub("", doi).lower()
        paper = bare.removeprefix("10.48550/arxiv.")
        found.append(f"arXiv {paper}" if paper != bare else f"DOI {bare}")
    return found


def citation_keys(citation: Citation) -> tuple[str, ...]:
    """The page and the known ids that a citation names, each once."""
    page = cited_page(citation)
    return tuple(dict.fromkeys((*((page,) if page else ()), *cited_ids(citation))))
