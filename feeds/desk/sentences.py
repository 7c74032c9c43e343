"""Say in Chinese what other rooms say in English sentences of a known form."""

from __future__ import annotations

import re
from functools import lru_cache

#: English and Chinese forms; a name in braces is a part that differs, and is translated itself where it can be.
_FORMS = (
    # Verdicts of the audit.
    ("{source}'s own feed says otherwise", "{source}自己的订阅源不是这样说的"),
    (
        "{source}'s own feed says otherwise; at the cited address stands “{title}”",
        "{source}自己的订阅源不是这样说的；所引网址上是“{title}”",
    ),
    ("{source}'s own feed has this page", "{source}自己的订阅源里有这个页面"),
    ("{source}'s own feed has this title", "{source}自己的订阅源里有这个标题"),
    ("{source}'s own feed has this title at {url}", "{source}自己的订阅源里，这个标题的地址是 {url}"),
    ("{said}; {fields} may well mean the same", "{said}；{fields}写法不同，但可能是一个意思"),
    ("{source} has not been polled", "还没有抓取过{source}"),
    ("older than what we hold of {source} (since {day})", "早于我们手里{source}的最早条目（{day}）"),
    ("its source is none of ours", "它的来源不在 sources.yaml 里"),
    ("{source}'s feed has not brought it", "{source}的订阅源没有出现过它"),
    ("it names neither page nor title", "既没有网址，也没有标题"),
    ("it names no page, and {source}'s feed has nothing of this title", "没有网址，{source}的订阅源里也没有这个标题"),
    ("it names no page, and no source of ours has this title", "没有网址，我们关注的来源里也没有这个标题"),
    ("it leads to no page: {why}", "网址打不开任何页面：{why}"),
    # Its rules.
    ("it claims to be of {day}, the article is of {written}", "自称发布于 {day}，而文章写于 {written}"),
    ("it claims to be of {day}, its address says {found}", "自称发布于 {day}，而网址里写的是 {found}"),
    (
        "it claims to be of {day}, {count} days before the page ({found})",
        "自称发布于 {day}，比页面（{found}）早 {count} 天",
    ),
    ("it claims to be of {day}, {site} began in {month}", "自称发布于 {day}，而 {site} 到 {month} 才开办"),
    ("it claims to have been read on {day}, the article is of {written}", "自称检索于 {day}，而文章写于 {written}"),
    (
        "it claims to have been read on {day} and published on {published}",
        "自称检索于 {day}，却发布于 {published}：检索早于发布",
    ),
    (
        "it claims to have been read on {day}, {count} days before the page existed ({found})",
        "自称检索于 {day}，比页面出现（{found}）早 {count} 天",
    ),
    ("it claims to have been read on {day}, {count} days before the article", "自称检索于 {day}，比文章早 {count} 天"),
    ("its address says {day}, the article is of {written}", "网址里写的是 {day}，而文章写于 {written}"),
    ("“{day}” is no day of any calendar", "历法里没有“{day}”这一天"),
    ("“{id}” is no id: {rule}", "“{id}”不是有效的编号：{rule}"),
    ("{url} is a picture or a part of a page", "{url} 是图片或页面的一部分"),
    ("{url} shows what a search finds", "{url} 是搜索结果页"),
    ("{url} is a home page, “{title}” is not", "{url} 是首页，“{title}”不是"),
    ("{host} is a host for examples", "{host} 是举例用的域名"),
    ("“{what}” stands in the place of something to be filled in", "“{what}”是尚未填写的占位"),
    ("{host} is this machine or a private network", "{host} 是本机或内网地址"),
    ("nothing in the text refers to [^{label}]", "正文没有引用 [^{label}]"),
    ("[^{label}] is defined above as well", "[^{label}] 在上文已经定义过"),
    ("[^{label}] has no definition", "[^{label}] 没有定义"),
    (
        "“{title}” stands as “{other}” in {place}, at one address",
        "同一网址，这里题为“{title}”，{place} 里题为“{other}”",
    ),
    # Looking for pages.
    ("{what}, as seen on {day}", "{what}（{day} 查看）"),
    ("{host} does not have it any more ({status})", "{host} 上已经没有它（{status}）"),
    ("{host} says that the feed is gone for good ({status})", "{host} 说它已永久移除（{status}）"),
    ("it leads to another page now: {url}", "现在转到另一个页面：{url}"),
    ("it leads to the home page now: {url}", "现在转到首页：{url}"),
    # Matching.
    ("cited title “{title}” is {share} like “{other}”", "引用的标题“{title}”与“{other}”相似 {share}"),
    ("another source, or none named", "来源不同，或没有写明来源"),
    ("both say {what}", "两边都提到：{what}"),
    (
        "the article says {share} of what the entry says, {count} rare things among it",
        "文章讲到了条目内容的 {share}，其中少见的有 {count} 项",
    ),
    ("the article came out {when} (nearness {near})", "文章发布于{when}（接近度 {near}）"),
    ("within a day of the entry", "条目前后一天之内"),
    ("{count} days after the entry", "条目之后 {count} 天"),
    ("{count} days before the entry", "条目之前 {count} 天"),
    # When a feed is asked.
    (
        "{rule}; moved out of the hours or days in which the feed asks not to be asked",
        "{rule}；避开了它要求不打扰的时段",
    ),
    ("never asked yet", "还没有抓取过"),
    ("half the median gap of its last {count} entries ({length})", "最近 {count} 条的间隔中位数的一半（{length}）"),
    ("too few dated entries to know its rhythm ({length})", "有日期的条目太少，看不出更新节奏（{length}）"),
    ("no entry for {days} days, so it is asked less often ({length})", "{days} 天没有新条目，少问一些（{length}）"),
    (
        "entries may have come and gone between two polls, so it is asked more often ({length})",
        "两次抓取之间可能有条目来过又消失，多问一些（{length}）",
    ),
    ("every {length}, as sources.yaml says", "每 {length}，由 sources.yaml 指定"),
    (
        "it tells us when it changes; this is the poll in case a message is lost ({length})",
        "它有更新会主动通知；这次只是以防漏掉通知（{length}）",
    ),
    ("no feed is asked more than once an hour", "任何订阅源一小时最多问一次"),
    (
        "its server gives neither ETag nor Last-Modified, so each poll is a full download: once a day",
        "服务器不给 ETag 和 Last-Modified，每次都要整份下载：一天一次",
    ),
    (
        "its server says that the answer stays fresh (Cache-Control or Expires: {length})",
        "服务器说内容在此期间不变（Cache-Control 或 Expires：{length}）",
    ),
    (
        "the feed says how often to come (ttl or sy:updatePeriod: {length})",
        "订阅源自己写明了频率（ttl 或 sy:updatePeriod：{length}）",
    ),
    ("its server asked us to wait (Retry-After: {length})", "服务器要求等待（Retry-After：{length}）"),
    (
        "{count} failures in a row: 1 h, doubled with each, at most 7 days ({length})",
        "连续失败 {count} 次：从 1 小时起每次加倍，最多 7 天（{length}）",
    ),
    (
        "status {status} comes and goes on this host, so it is asked in its own rhythm ({length})",
        "这台服务器的 {status} 时有时无，仍按自己的节奏问（{length}）",
    ),
    (
        "its server says that it is gone (410); asked once more after a day to be sure",
        "服务器说它已不在（410）；一天后再问一次以确认",
    ),
    ("its server said twice that it is gone (410): not asked any more", "服务器两次说它已不在（410）：不再抓取"),
    (
        "no host could be reached, so it is we who were offline: tried again soon ({length})",
        "所有服务器都连不上，应是我们断网：很快再试（{length}）",
    ),
    (
        "we asked and stopped before the answer was recorded ({count} in a row): {length} after the last",
        "问过但没来得及记下结果（连续 {count} 次）：距上次 {length}",
    ),
    (
        "server ignores conditional GET: {count} times the same document in full since the last 304",
        "服务器不理会条件请求：自上次 304 以来，同一份文件整份下载了 {count} 次",
    ),
    ("moved to {url}; name that in sources.yaml", "已搬到 {url}；请在 sources.yaml 里改用它"),
    # Politeness.
    ("unconditional although a validator was known", "手里有校验值，却没有用条件请求"),
    ("conditional within an hour", "一小时之内又问"),
    ("unconditional within a day", "一天之内又整份下载"),
    ("within max-age or Expires", "缓存期限之内又问"),
    ("within Retry-After", "被要求等待的时间之内又问"),
    ("too close on one domain", "对同一域名问得太密"),
)

#: How many of all articles have a word.
_AMONG = re.compile(r"\(in (\d+) of (\d+)\)")
#: Units of lengths of time; names of fields.
_WORDS = {"d": "天", "h": "小时", "min": "分钟", "s": "秒"}
_FIELDS = {"title": "标题", "author": "作者", "date": "日期", "publisher": "出版方", "url": "网址", "and": "和"}


class _Form:
    """A sentence with places for what differs, as the texts between them."""

    def __init__(self, english: str, chinese: str) -> None:
        parts = [part.partition("}") for part in english.split("{")]
        self._fixed = [parts[0][0], *(after for _, _, after in parts[1:])]
        self._names = [name for name, _, _ in parts[1:]]
        self._chinese = chinese

    def read(self, sentence: str) -> str | None:
        """The sentence in Chinese; None when it has another form. Linear, whatever stands in the places."""
        first, last = self._fixed[0], self._fixed[-1]
        if not self._names:
            return self._chinese if sentence == first else None
        if not sentence.startswith(first) or not sentence.endswith(last):
            return None
        values, at, end = [], len(first), len(sentence) - len(last)
        for fixed in self._fixed[1:-1]:
            found = sentence.find(fixed, at, end)
            if found < 0:
                return None
            values.append(sentence[at:found])
            at = found + len(fixed)
        if at > end:
            return None
        values.append(sentence[at:end])
        return self._chinese.format_map(dict(zip(self._names, map(_part, values), strict=True)))


_READERS = tuple(_Form(*form) for form in _FORMS)


@lru_cache(maxsize=4096)  # many citations are told the same
def in_chinese(sentence: str) -> str | None:
    """None when no form fits: then it stands as it is."""
    return next((said for form in _READERS if (said := form.read(sentence)) is not None), None)


def _part(text: str) -> str:
    """What stands in a place: a sentence itself, a length of time, names of fields, or anything."""
    said = in_chinese(text)
    if said is not None:
        return said
    words = text.split(" ")
    if all(word.isdecimal() or word in _WORDS for word in words) and not text.isdecimal():
        return " ".join(_WORDS.get(word, word) for word in words)
    if all(word in _FIELDS for word in words):
        return "".join(_FIELDS[word] for word in words)
    return _AMONG.sub(r"（\2 篇中有 \1 篇）", text)
