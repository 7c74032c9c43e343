"""Fakes at the seams: what stands in for the network."""

from __future__ import annotations

from datetime import timedelta

from feeds.polled import Failed, FailureKind, FeedRequest, Fetched, Hints, Validators

#: What a status means when a script does not say.
_KINDS = {410: FailureKind.GONE, 429: FailureKind.RATE_LIMITED}


class FakeFetcher:
    """Answers requests as scripted; an address that nobody scripted is a 404. It keeps what it was asked."""

    def __init__(self) -> None:
        self.requests: list[FeedRequest] = []
        self._answers: dict[str, Fetched | Failed] = {}

    def serves(self, url: str, body: bytes | str, content_type: str = "text/html; charset=utf-8") -> FakeFetcher:
        """Answer with 200."""
        raw = body.encode() if isinstance(body, str) else body
        self._answers[url] = Fetched(
            url=url,
            status=200,
            body=raw,
            content_type=content_type,
            validators=Validators(),
            bytes_received=len(raw),
        )
        return self

    def moves(self, url: str, target: str) -> FakeFetcher:
        """Answer with what ``target`` serves, as after a redirect."""
        self._answers[url] = self._answers[target]
        return self

    def fails(
        self, url: str, status: int | None = None, kind: FailureKind | None = None, retry_after: timedelta | None = None
    ) -> FakeFetcher:
        """Answer with a failure; one without a status and kind is a server that does not answer."""
        self._answers[url] = _failed(url, status, kind, retry_after)
        return self

    def __call__(self, request: FeedRequest) -> Fetched | Failed:
        """Give the scripted answer."""
        self.requests.append(request)
        return self._answers.get(request.url) or _failed(request.url, 404)

    @property
    def urls(self) -> list[str]:
        """The addresses that were asked for, in order."""
        return [request.url for request in self.requests]


def _failed(
    url: str, status: int | None = None, kind: FailureKind | None = None, retry_after: timedelta | None = None
) -> Failed:
    if kind is None:
        kind = FailureKind.TIMEOUT if status is None else _KINDS.get(status, FailureKind.HTTP_STATUS)
    sentence = f"{url} answered {status}" if status else f"{url} did not answer"
    return Failed(kind=kind, sentence=sentence, status=status, hints=Hints(retry_after=retry_after))
