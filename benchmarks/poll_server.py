"""Serve made-up feeds to pollers that are measured: conditionally, with a delay if wanted, and count what was asked.

    python benchmarks/poll_server.py --feeds 1000 --seed 1

Prints its address once it is ready, and serves until its standard input ends. ``/1/feed.xml`` is a feed and
``/2/feed.xml`` the next; each is 116 KB of its own Chinese text. ``/turn/200`` begins another turn in which every
answer takes 200 ms, and tells in JSON how often which status was sent in the turn before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import cast

#: Long past, so that no date lies ahead of whoever reads; the entries are 1 to 3 days apart.
NEWEST = datetime(2025, 6, 1, tzinfo=UTC)
#: 20 entries of so much text at least make 116 KB.
ENTRIES = 20
ENTRY_BYTES = 4_950

WHO = ("城里的书店", "新来的编辑", "港口的工程师", "那支小团队", "图书馆", "几位老读者", "山脚的观测站", "一家面馆")
WHEN = ("上个月", "入秋以后", "周二清晨", "连着三年", "在雨季之前", "发布会次日", "到了年底", "直到最近")
WHAT = ("换掉了旧的目录", "公开了全部账目", "试用一种新的纸", "把地图重新画了一遍", "整理出一份清单", "修好了停摆的钟")
WHY = ("因为来信越来越多", "为的是省下一半的时间", "只是想看看结果", "理由写在墙上", "谁也没有反对", "代价比预想的小")
THEN = ("后来别处也照着做", "数字说明这一步走对了", "详情见附录", "下一期会接着讲", "争论还没有结束", "大家决定再等等")


def make_feed(number: int, seed: int) -> bytes:
    """One RSS document. Same number and seed, same bytes."""
    dice = random.Random(f"{seed}:{number}")
    moment = NEWEST - timedelta(minutes=dice.randrange(1440))
    items = []
    for place in range(ENTRIES):
        items.append(_item(dice, number, place, moment))
        moment -= timedelta(minutes=dice.randrange(1440, 4320))
    head = (
        f"<title>第 {number} 号读物</title><link>https://site-{number}.example/</link><description>样刊</description>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel>{head}<language>zh-CN</language>{''.join(items)}</channel></rss>\n"
    ).encode()


def _item(dice: random.Random, number: int, place: int, moment: datetime) -> str:
    url = f"https://site-{number}.example/{moment:%Y/%m}/{place}-{dice.getrandbits(32):08x}/"
    paragraphs, size = [], 0
    while size < ENTRY_BYTES:
        paragraphs.append(_paragraph(dice, number))
        size += len(paragraphs[-1].encode())
    summary = _sentence(dice)
    return (
        f"<item><title>{_sentence(dice)[:18]}</title><link>{url}</link><guid>{url}</guid>"
        f"<pubDate>{format_datetime(moment)}</pubDate><dc:creator>编辑部</dc:creator><category>{dice.choice(WHO)}</category>"
        f"<description>{summary}</description>"
        f"<content:encoded><![CDATA[{''.join(paragraphs)}]]></content:encoded></item>\n"
    )


def _paragraph(dice: random.Random, number: int) -> str:
    text = "".join(_sentence(dice) for _ in range(dice.randrange(2, 6)))
    link = f'<a href="https://site-{number}.example/{dice.randrange(999)}/">{dice.choice(WHO)}</a>'
    return f"<p>{text}参见{link}。</p>"


def _sentence(dice: random.Random) -> str:
    return "，".join(dice.choice(words) for words in (WHEN, WHO, WHAT, WHY, THEN)) + "。"


@dataclass(frozen=True, slots=True)
class Document:
    """A feed, and the two ways to answer for it."""

    etag: bytes
    full: bytes
    short: bytes


def make_document(number: int, seed: int) -> Document:
    """A feed with its answers."""
    body = make_feed(number, seed)
    etag = f'"{sha256(body).hexdigest()[:20]}"'
    kept = f"ETag: {etag}\r\nLast-Modified: {format_datetime(NEWEST, usegmt=True)}\r\nCache-Control: max-age=600\r\n"
    head = f"Content-Type: application/rss+xml; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return Document(
        etag=etag.encode(),
        full=f"HTTP/1.1 200 OK\r\nServer: bench\r\n{kept}{head}\r\n".encode() + body,
        short=f"HTTP/1.1 304 Not Modified\r\nServer: bench\r\n{kept}\r\n".encode(),
    )


class Turn:
    """What all connections share."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.delay = 0.0
        self.sent: Counter[int] = Counter()

    def begin(self, milliseconds: int) -> bytes:
        """Begin another turn; answer with the counts of the one before."""
        body = json.dumps(self.sent).encode()
        self.sent, self.delay = Counter(), milliseconds / 1000
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nContent-Type: application/json\r\n\r\n"
        return head.encode() + body

    def answer(self, request: bytes) -> bytes:
        """Answer a request for a feed."""
        document = self._find(request.split(b" ", 2)[1])
        if document is None:
            self.sent[404] += 1
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        is_known = document.etag in request
        self.sent[304 if is_known else 200] += 1
        return document.short if is_known else document.full

    def _find(self, path: bytes) -> Document | None:
        number = path.split(b"/")[1]
        is_there = path.endswith(b"/feed.xml") and number.isdigit() and 0 < int(number) <= len(self.documents)
        return self.documents[int(number) - 1] if is_there else None


class Connection(asyncio.Protocol):
    """Answers GET requests one after another, on a connection that stays open."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        *requests, self._held = (self._held + data).split(b"\r\n\r\n")
        for request in requests:
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        path = request.split(b" ", 2)[1]
        if path.startswith(b"/turn/"):
            self._transport.write(self._turn.begin(int(path.rpartition(b"/")[2])))
        elif self._turn.delay:
            asyncio.get_running_loop().call_later(self._turn.delay, self._send, request)
        else:
            self._send(request)

    def _send(self, request: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(self._turn.answer(request))


async def serve(turn: Turn) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(turn), "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main() -> None:
    """Make the feeds and serve them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    documents = [make_document(number, options.seed) for number in range(1, options.feeds + 1)]
    asyncio.run(serve(Turn(documents)))


if __name__ == "__main__":
    main()
