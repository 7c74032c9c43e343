"""Whether an article says that it is not public, in the words of any generator or editor. Pure.

Hugo, Jekyll and Zola have ``draft``; Jekyll and Hexo ``published: false``; Obsidian Publish ``publish: false``;
WordPress exports ``status: draft`` and ``visibility: private``; hexo-blog-encrypt ``password``, behind which the site
shows nothing. A feed would show it to everybody. What a generator has beside these stands in its ``hidden``.
"""

from __future__ import annotations

from feeds.content.fields import flag_of, text_of
from feeds.content.sheet import Sheet, quoted
from feeds.model import Severity

_DRAFT_KEYS = ("draft", "isdraft")
#: Keys that say so when they hold no.
_PUBLIC_KEYS = ("published", "publish", "public", "dgpublish")
#: Keys that say so when they hold yes.
_PRIVATE_KEYS = ("private", "unpublished", "secret")
#: Keys that say so by a word.
_STATE_KEYS = ("status", "state", "visibility", "poststatus", "access")
#: Most articles have none of these.
_ASKED = frozenset({*_DRAFT_KEYS, *_PUBLIC_KEYS, *_PRIVATE_KEYS, *_STATE_KEYS, "password"})
_STATES = frozenset({
    "draft", "drafts", "private", "unpublished", "unlisted", "hidden", "pending", "trash", "secret", "internal",
    "future", "auto-draft", "password", "草稿", "私密", "私有", "隐藏", "未发布", "不公开",
})  # fmt: skip


def is_private(sheet: Sheet) -> bool:
    """True for a draft and what is not public. What is neither yes nor no in ``draft`` is taken for a draft."""
    if not sheet.has_any(_ASKED):
        return False
    key, value = sheet.first(*_DRAFT_KEYS)
    is_draft = flag_of(value)
    if key and is_draft is None:
        sheet.warn(key, f"{quoted(value)} is neither true nor false; taken for a draft", "write true or false")
        return True
    # The generators' own words need no remark: whoever writes them knows.
    if is_draft or flag_of(sheet.first("published")[1]) is False:
        return True
    why = _says_private(sheet)
    if why:
        sheet.say(Severity.NOTE, why, f"{quoted(sheet.first(why)[1])} says that it is not public, so no feed has it")
    return bool(why)


def _says_private(sheet: Sheet) -> str:
    """The key that says so; empty when none does."""
    for keys, flag in ((_PUBLIC_KEYS, False), (_PRIVATE_KEYS, True)):
        for key in keys:
            if flag_of(sheet.first(key)[1]) is flag:
                return key
    for key in _STATE_KEYS:
        if (text_of(sheet.first(key)[1]) or "").lower() in _STATES:
            return key
    return "password" if text_of(sheet.first("password")[1]) else ""
