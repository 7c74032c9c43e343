"""Know how sites name their pages: placeholders that writers invent, ids and what they hold, when sites began."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

#: Hosts (and all below them) that nobody's page stands on: RFC 2606, RFC 6761, and what people write for "some site".
PLACEHOLDER_HOSTS = frozenset(
    [
        "example.com",
        "example.net",
        "example.org",
        "example.edu",
        "example",
        "test",
        "invalid",
        "url.com",
        "domain.com",
        "yourdomain.com",
        "yoursite.com",
        "yourwebsite.com",
        "placeholder.com",
        "somewebsite.com",
        "somesite.com",
    ]
)

#: A part of an address that stands for something to be filled in.
PLACEHOLDER = re.compile(
    r"(?<![A-Za-z0-9])(?:[xX]{4,}|[xX]{3,}[-_/.][xX]{2,}|your[-_](?:id|url|link|article|video|slug)\b)(?![A-Za-z0-9])"
    r"|(?<=[/=])(?:video[-_]?id|article[-_]?id|abc123|abcdefg|0{6,}|1?123456789?0?|placeholder|link[-_]?to[-_]?\w{1,40})"
    r"(?=[/?&#.]|$)"
    r"|\.\.\.|%E2%80%A6|…|[\[{<](?:id|url|link|slug|date|video[-_]?id)[\]}>]|%7B\w{1,40}%7D|%5B(?:id|url|link)%5D",
    re.IGNORECASE,
)

#: Files that are a part of a page. A viewer's page may end so, too (``/wiki/File:A.png``, ``/blob/main/a.png``).
PICTURE = re.compile(
    r"(?!.*/(?:wiki|blob|tree)/).*\.(?:png|jpe?g|gif|webp|avif|bmp|svg|ico|css|js|woff2?)(?:[!@:][^/]{0,80})?",
    re.IGNORECASE,
)
#: Hosts that serve pictures without such an ending.
PICTURE_HOSTS = re.compile(
    r"(?:(?:img|image|images|pic|pics)\d{0,4}|[\w-]{1,40}img)\.[\w-]+\.[\w.-]+|.*36krcdn\.com|.*qpic\.cn|.*twimg\.com"
    r"|.*ytimg\.com|static\d{0,4}\.geekbang\.org",
)

#: Host -> path (and query) of search results.
SEARCHES = {
    "google.com": re.compile(r"/search\?.*"),
    "bing.com": re.compile(r"/search\?.*"),
    "baidu.com": re.compile(r"/s\?.*"),
    "so.com": re.compile(r"/s\?.*"),
    "sogou.com": re.compile(r"/web\?.*"),
    "weixin.sogou.com": re.compile(r"/weixin\?.*"),
    "duckduckgo.com": re.compile(r"/\?.*"),
}

#: The first day on which a page can have been there; whole hosts and all below them.
BEGAN = {
    "anthropic.com": date(2021, 1, 1),
    "arxiv.org": date(1991, 8, 1),
    "bilibili.com": date(2009, 6, 1),
    "claude.ai": date(2023, 3, 1),
    "deepseek.com": date(2023, 7, 1),
    "github.com": date(2008, 2, 1),
    "huggingface.co": date(2016, 1, 1),
    "36kr.com": date(2010, 12, 1),
    "jiqizhixin.com": date(2015, 1, 1),
    "medium.com": date(2012, 8, 1),
    "mistral.ai": date(2023, 4, 1),
    "mp.weixin.qq.com": date(2012, 8, 1),
    "openai.com": date(2015, 12, 1),
    "qbitai.com": date(2017, 1, 1),
    "substack.com": date(2017, 7, 1),
    "techcrunch.com": date(2005, 6, 1),
    "theverge.com": date(2011, 11, 1),
    "x.ai": date(2023, 3, 1),
    "x.com": date(2006, 3, 1),
    "youtube.com": date(2005, 2, 1),
    "zhihu.com": date(2010, 12, 1),
}


class IdRule(NamedTuple):
    """How one site names one kind of page."""

    #: Of the canonical address, without scheme; group 1 is the id.
    address: re.Pattern[str]
    #: Every id that the site gives is like this.
    form: re.Pattern[str]
    #: What such an id is, for a sentence.
    words: str


#: Applied to canonical keys, so that every spelling of an address has been made one.
IDS = (
    IdRule(
        re.compile(r"(?:youtube\.com/watch\?v=|youtube\.com/(?:shorts|embed|live)/|youtu\.be/)([^&/?#]+).*"),
        re.compile(r"[A-Za-z0-9_-]{11}"),
        "an id of YouTube has 11 characters",
    ),
    IdRule(
        re.compile(r"arxiv\.org/(?:abs|pdf|html)/([^?#]*)"),
        re.compile(
            r"(?:\d\d(?:0[1-9]|1[0-2])\.(?:\d{4}|\d{5})|[a-z-]{2,12}(?:\.[A-Z]{2})?/\d{7})(?:v\d{1,3})?(?:\.pdf)?"
        ),
        "an id of arXiv is year and month, a dot and four or five digits",
    ),
    IdRule(
        re.compile(r"x\.com/[^/]{1,50}/status/([^/?#]*).*"),
        re.compile(r"\d{1,20}"),
        "the id of a post is a number",
    ),
    IdRule(
        re.compile(r"bilibili\.com/video/([^/?#]*).*"),
        re.compile(r"(?:BV|bv)[A-Za-z0-9]{10}|(?:AV|av)\d{1,20}"),
        "an id of Bilibili is BV and 10 characters",
    ),
    IdRule(
        re.compile(r"doi\.org/([^?#]*)"),
        re.compile(r"10\.\d{4,9}/\S+", re.IGNORECASE),
        "a DOI begins with 10., a number and a slash",
    ),
)


class ClockRule(NamedTuple):
    """An id that counts time."""

    address: re.Pattern[str]
    #: Bits of the number that count other things.
    shift: int
    #: Of the rest: per second, and seconds of Unix time at which it began.
    per_second: int
    began: float


#: Where ids are moments: Twitter's snowflakes since November 2010, LinkedIn's and TikTok's Unix times.
CLOCKS = (
    ClockRule(re.compile(r"x\.com/[^/]{1,50}/status/(\d{17,19})(?:[/?#].*)?"), 22, 1000, 1288834974.657),
    ClockRule(re.compile(r"linkedin\.com/.*\bactivity[-:](\d{19})\b.*"), 22, 1000, 0.0),
    ClockRule(re.compile(r"tiktok\.com/@[^/]{1,50}/video/(\d{19})(?:[/?#].*)?"), 32, 1, 0.0),
)
