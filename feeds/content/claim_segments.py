"""Tell title, publisher and author apart in segments: ``title·publisher·author``, the link being any of them.

Titles hold dots of their own (蒂姆·库克, The Twelve-Factor App · Heroku), so segments count from the right, except
where a link, a name or the length of the words says more.
"""

from __future__ import annotations

import re
from itertools import pairwise

from feeds.content.cited_links import URL_MARK, Link
from feeds.content.claim_people import is_publisher_first
from feeds.content.claim_words import (
    DASHES,
    DATE_MARK,
    EDGES,
    HOST,
    LINK_MARKS,
    WIDE,
    Names,
    Reading,
    cut_at_link,
    cut_source,
    cut_trailing_group,
    host_of,
    is_clause,
    is_list,
    is_name,
    is_no_name,
    is_person,
    is_spent,
    link_text,
    names_host,
    names_only,
    width,
)

_NUMBERED = re.compile(r"\[\d{1,3}\]\s*")
_NUMBERED_URL = re.compile(rf"\[\d{{1,3}}\]\s*{URL_MARK}")
_HEADLINE = re.compile(r"[：？！｜|?!「“《]|: ")
#: Letters that Chinese spells foreign names with: a dot between two of them joins a name (蒂姆·库克).
_NAME_LETTERS = frozenset(
    "阿埃艾安昂奥巴白班邦鲍贝本比彼宾波伯博勃布查达戴丹道德登迪蒂丁杜多恩尔法菲费芬弗福夫盖甘冈戈格古哈海汉豪赫亨洪胡怀霍基吉加"
    "贾简金卡凯坎康考科克肯库拉莱赖兰朗劳勒雷里利丽莉林卢鲁路伦罗洛马玛迈曼芒毛梅门蒙米密明莫默穆姆娜纳南内尼妮宁纽努诺帕潘佩"
    "皮平普齐奇乔琴丘荣瑞萨塞赛桑沙尚绍圣史舒斯丝松苏索塔泰坦汤唐特提廷图托瓦万威维韦文沃乌西希锡夏肖谢辛欣休雅亚扬耶伊依因英"
    "尤泽扎詹珍朱茱兹佐山伍什士卓顿隆廉琳莎黛爱保涅切琪娅雪梵蕾萝芙芭茜妲姬梭狄珀修叶朵嘉涵弥敏默奎克廷列",
)


def read_segments(under: Reading) -> Names:
    """``title·publisher·author``, with the parts that the link tells apart."""
    url_first = under.rest.startswith(URL_MARK) or _NUMBERED_URL.match(under.rest) is not None
    segments = _segments(under)
    if under.links and (mark := LINK_MARKS.search(under.rest)) is not None:
        marked = next(index for index, segment in enumerate(segments) if mark[0] in segment)
        return _around_link(segments, marked, under.links)
    return _after_bare_url(segments, under.links) if url_first else _without_link(segments)


def _segments(under: Reading) -> list[str]:
    """Split at the dots; drop what is empty or a bare date; join the dots that stand inside names and titles."""
    pieces = under.rest.replace(DATE_MARK, "").replace(URL_MARK, "").split("·")
    tight = [left[-1:] != " " != right[:1] for left, right in pairwise(pieces)]
    segments = (segment.rstrip(EDGES) for segment in _join_names(pieces, tight))
    # 未知[title](url) begins like an unknown, but holds the link.
    return [s for s in segments if not is_spent(s.lstrip(EDGES), under) or LINK_MARKS.search(s)]


def _join_names(segments: list[str], tight: list[bool]) -> list[str]:
    """Undo splits: at a tight dot within a foreign name, and at tight dots where others are spaced."""
    spaced = tight.count(False)
    joined = [segments[0]]
    for index, segment in enumerate(segments[1:]):
        inside_title = spaced >= 2 and segment.strip() != "" and len(segments) > 3
        # No outlet before a headline has a name of one ideograph (真·能干活的…).
        one_ideograph = index == 0 and len(joined[0]) == 1 and len(segment) > 8 and WIDE.match(joined[0]) is not None
        if tight[index] and (inside_title or one_ideograph or is_one_name(joined[-1], segment)):
            joined[-1] += "·" + segment
        else:
            joined.append(segment)
    return joined


def is_one_name(left: str, right: str) -> bool:
    """Does a dot between these two join a foreign name?"""
    # The first letter says no to nine pairs in ten.
    if right[:1] not in _NAME_LETTERS or len(left) < 2 or len(right) < 3 or right.startswith("福布斯"):
        return False
    return _NAME_LETTERS.issuperset(left[-2:] + right[:2])


def _around_link(segments: list[str], marked: int, links: list[Link]) -> Names:
    """The link is the title, unless it is short and something long stands before it."""
    before = [segment.strip(EDGES) for segment in segments[:marked]]
    prefix, link, suffix = cut_at_link(segments[marked])
    after = [segment.strip(EDGES) for segment in segments[marked + 1 :]]
    if suffix[:1] in _SUFFIX_STARTS and suffix.strip(EDGES + DASHES):
        after.insert(0, suffix.strip(EDGES + DASHES))
        suffix = ""
    source, prefix = cut_source(prefix)
    words_before = prefix or "".join(f"{part}·" for part in before)
    if _is_publisher_link(words_before, link, links, alone=not after or bool(before)):
        return Names(title="·".join([*before, prefix]).strip("·"), publisher=link, author="·".join(after))
    title = prefix + link + suffix
    if len(after) > 1 or (after and not (before or source.endswith((":", "：")))):
        return Names(title, after[0], "·".join(after[1:]) or "·".join(before))
    outside = [name for name in (*before, source.rstrip(":：.。 ")) if name]
    return Names(title, outside[0] if outside else "", "·".join([*outside[1:], *after]))


#: Words glued to a link go on with its title; after one of these begins something else.
_SUFFIX_STARTS = frozenset(" ,，|（(")
#: After these a title goes on.
_GOES_ON = frozenset("，、；：,;:-—–“「《（(")


def _is_publisher_link(before: str, link: str, links: list[Link], *, alone: bool) -> bool:
    """``long title [GitHub](…)``: the link names the page's publisher, the title stands before it."""
    words = link_text(link, links)
    if not alone or not before or not is_name(words):
        return False
    apart, before = before[-1] in " ·", before.rstrip(" ·")
    if width(before) >= max(2 * width(words), 10):
        return True
    # Words glued to the link, or before a comma, are half of a title: 智元机器人，[21亿拿下一家上市公司](…).
    if not apart or before[-1:] in _GOES_ON:
        return False
    return is_clause(before) or (width(before) > width(words) and names_only(words, before, host_of(links)))


def _after_bare_url(segments: list[str], links: list[Link]) -> Names:
    """``https://… ·publisher·author`` and ``https://… ·title·publisher``: the address stands for the title, or not."""
    if not segments:
        return Names()
    segments = [_NUMBERED.sub("", segment.strip(EDGES), count=1) for segment in segments]
    if len(segments) <= 2 and _are_names(segments, host_of(links)):
        return Names("", segments[0], "·".join(segments[1:]))
    return _without_link(segments)


def _are_names(segments: list[str], host: str) -> bool:
    """Is the first segment beside a bare address its publisher, and not its title?"""
    first, last = segments[0], segments[-1]
    if names_host(first, host):
        return True
    if not is_name(first) or len(segments) == 1:
        return is_name(first)
    # Outlets have short names: 蜂群怎样度过漫长的冬天·蜂友 begins with a title. Of 852 real titles and outlets put so,
    # 18 are misread, without these widths and the host 80.
    return is_person(last) and not names_host(last, host) and width(first) < max(18, 2 * width(last))


def _without_link(segments: list[str]) -> Names:
    """``title·publisher·author`` from the right, for a title may hold dots; or a source put first."""
    segments = _drop_repeated_source([segment.strip(EDGES) for segment in segments])
    if not segments:
        return Names()
    if len(segments) == 1:
        return cut_trailing_group(segments[0])
    if _is_source_first(segments):
        return _source_first(segments)
    if len(segments) == 2:
        return Names(segments[0], segments[1])
    if len(segments) == 4 and _is_outlet_second(segments):
        return Names(segments[0], segments[1], "·".join(segments[2:]))
    return Names("·".join(segments[:-2]), segments[-2], segments[-1])


def _is_outlet_second(segments: list[str]) -> bool:
    """``headline·outlet·column·author``: the second segment is too short to go on with the headline."""
    return is_name(segments[1]) and width(segments[1]) <= 20 and not (is_name(segments[0]) and width(segments[0]) <= 30)


def _drop_repeated_source(segments: list[str]) -> list[str]:
    """``36氪. title·36氪``: the publisher stands twice."""
    for name in segments[1:3]:
        first = segments[0]
        if first.startswith(name) and first.startswith((f"{name}. ", f"{name}。", f"{name}：", f"{name}: ")):
            return [first[len(name) :].lstrip(".。：: "), *segments[1:]]
    return segments


def _is_source_first(segments: list[str]) -> bool:
    first, second = segments[0], segments[1]
    if len(segments) > 2 and "." in segments[2] and HOST.fullmatch(segments[2]) and is_name(first):
        host = segments[2].casefold()
        return not names_host(second, host) and (names_host(first, host) or width(first) < width(second))
    if not is_name(first) or ("." in second and HOST.fullmatch(second)) or is_list(second):
        return False
    # Of 852 real outlets put before their titles, 476 were misread while only a title twice as wide came second.
    if len(segments) <= 3 and width(second) > width(first) and is_no_name(second):
        return True
    return _HEADLINE.search(second) is not None and width(second) >= 2 * width(first) + 10


def _source_first(segments: list[str]) -> Names:
    """``iThome·title·www.ithome.com.tw``, ``author·title·journal`` and ``publisher·title·author``."""
    rest = segments[2:]
    if not rest or HOST.fullmatch(rest[0]):
        return Names(segments[1], segments[0], "·".join(rest[1:]))
    if len(rest) == 1 and is_publisher_first(segments[0], rest[0]):
        return Names(segments[1], segments[0], rest[0])
    return Names(segments[1], rest[0], segments[0])
