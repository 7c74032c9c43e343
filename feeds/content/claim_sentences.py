"""Tell title, publisher and author apart in sentences: ``Author (date). "Title". Publisher.``, English or Chinese.

What stands before the date is an author, or else the title; what follows it is title and publisher. A link or a title
in quotation marks decides; without them length does.
"""

from __future__ import annotations

import re

from feeds.content.cited_links import URL_MARK, Link, mark_of
from feeds.content.claim_words import (
    DATE_MARK,
    HOST,
    LINK_MARKS,
    Names,
    Reading,
    cut_at_link,
    cut_source,
    cut_trailing_group,
    host_of,
    is_clause,
    is_name,
    is_person,
    is_spent,
    link_text,
    names_only,
    put_back,
    strip_marks,
    strip_stop,
    width,
)

#: A full stop of a sentence: not the one of an initial (``Isaac, M. B.``), of ``U.S. News`` or ``et al.``.
_STOPS = re.compile(r"。\s*|(?<![A-Z])(?<!\b[A-Z][a-z])(?<!\bal)(?<!\bvs)(?<!\bSt)\.\s+|\.\s+(?=[\ue000-\uf7ff])")
#: An opening quote where a sentence begins; its partner stands before a full stop or the end.
_QUOTE_OPENS = re.compile(rf"(?:^|[.。]\s*|{DATE_MARK}\s*)([\"“])")
_QUOTE_CLOSES = re.compile(r"[\"”](?=\s*[.。]|\s*$)|(?<=[.?!。？！])[\"”](?=\s)")


def read_sentences(under: Reading, before: str, after: str) -> Names:
    """``before (date). after``: author or title before the date; title and publisher after it."""
    after = _mark_quoted(under, after)
    author = strip_stop(strip_marks(before))
    sentences = [sentence for sentence in (strip_marks(part) for part in _STOPS.split(after)) if sentence]
    sentences = [sentence for sentence in sentences if not is_spent(sentence.rstrip("."), under)]
    if not before and sentences and LINK_MARKS.search(after) is None:
        return _plain_sentences(sentences)
    if not sentences:
        return _plain_sentences([author]) if author else Names()
    if LINK_MARKS.search(author) and not LINK_MARKS.search(after):
        return Names(author, sentences[0])
    marked = next((index for index, part in enumerate(sentences) if LINK_MARKS.search(part)), None)
    if marked is None:
        first = after.find(URL_MARK)
        return _dated_sentences(author, sentences, title_first=first > 0 and after.startswith(sentences[0]))
    return _linked_sentences(under, author, sentences, marked)


def _mark_quoted(under: Reading, text: str) -> str:
    """Take the first title in quotation marks out of the text, as if it were a link."""
    opens = _QUOTE_OPENS.search(text) if '"' in text or "“" in text else None
    closes = _QUOTE_CLOSES.search(text, opens.end()) if opens else None
    if opens is None or closes is None or len(under.links) >= 64:
        return text
    inner = text[opens.end() : closes.start()]
    mark = inner.strip() if len(inner.strip()) == 1 and LINK_MARKS.fullmatch(inner.strip()) else ""
    if not mark:
        mark = mark_of(len(under.links))
        words = put_back(inner, under.links)
        under.links.append(Link(0, 0, words, None))
    under.quoted.add(mark)
    return f"{text[: opens.start(1)]}{mark}{text[closes.end() :]}"


def _linked_sentences(under: Reading, author: str, sentences: list[str], marked: int) -> Names:
    """Sentences of which one holds a link or a quoted title."""
    if _is_title_repeated(under, sentences, marked):
        marked += 1
    prefix, link, suffix = cut_at_link(sentences[marked])
    outside, following = sentences[:marked], sentences[marked + 1 :]
    if suffix.strip() and (suffix.startswith(" ") or following == []):
        suffix, words = "", strip_marks(suffix)
        following[:0] = [words] if words.strip(" .。") else []
    long_before = "".join(outside) or author
    if link not in under.quoted and not following and _is_title_before(long_before, link, under.links):
        return Names(long_before, link, author if outside else "")
    publisher = following[0] if following else ""
    if not following and not author:
        publisher, prefix = _cut_source_with_colon(prefix)
    outside = [part for part in outside if part not in under.quoted]
    return Names(prefix + link + suffix, publisher, author or ". ".join(outside))


def _cut_source_with_colon(prefix: str) -> tuple[str, str]:
    """``36氪：[title](…)（date）``; what ends with a full stop is a sentence of its own."""
    source, rest = cut_source(prefix)
    return (source[:-1], rest) if source.endswith((":", "：")) or not source else ("", prefix)


def _is_title_repeated(under: Reading, sentences: list[str], marked: int) -> bool:
    """``"Title". [Title - Site](…). Publisher``: the title stands twice, and the link has it in full."""
    quoted, following = sentences[marked], sentences[marked + 1 :]
    return len(following) > 1 and quoted in under.quoted and LINK_MARKS.match(following[0]) is not None


def _is_title_before(before: str, link: str, links: list[Link]) -> bool:
    """``What is this?（date）。[知乎](…)。``: the link names the publisher."""
    words = link_text(link, links)
    if not is_name(words) or HOST.fullmatch(before):
        return False
    if is_clause(before) or width(before) > 2 * width(words) + 2:
        return True
    return names_only(words, before, host_of(links)) and not (is_person(before) or before.startswith(words))


def _dated_sentences(author: str, sentences: list[str], *, title_first: bool) -> Names:
    """``author (date). title. publisher`` without any link; the author may be missing, or be the title."""
    if len(sentences) > 1:
        return Names(". ".join(sentences[:-1]), sentences[-1], author)
    only = sentences[0]
    if author and is_clause(author):
        return Names(author, only)
    if author and is_name(only) and not is_person(author):
        return Names(author, only)
    if author and only.endswith(author) and len(only) > len(author):
        return Names(only[: -len(author)].rstrip(), author, author)
    if author and not title_first and (HOST.fullmatch(only) or is_name(only)):
        return Names("", only, author)
    return Names(only, "", author)


def _plain_sentences(sentences: list[str]) -> Names:
    """``title. publisher`` without a date between; prose stays one title."""
    if len(sentences) == 1:
        sentences = [part for part in re.split(r"(?<=[^A-Z])\.\s+", sentences[0]) if part]
    last = sentences[-1].rstrip(".。")
    if len(sentences) > 1 and is_name(last):
        return Names(". ".join(sentences[:-1]), last)
    return cut_trailing_group(". ".join(sentences))
