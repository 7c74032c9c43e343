"""Pages and known ids of entries and citations."""

from __future__ import annotations

import pytest

from feeds.match.keys import citation_keys, cited_ids, cited_page, pages_of, story_ids
from feeds.match.values import Story
from feeds.model import Citation
from feeds.urls import canonical


def citation(url: str | None = None, raw: str = "") -> Citation:
    """A citation as the reader of articles makes it."""
    return Citation(label="1", url=url, key=canonical(url) if url else None, raw=raw)


@pytest.mark.parametrize(
    ("address", "identity"),
    [
        ("https://youtu.be/abcdefghijk?t=10", "video abcdefghijk"),
        ("https://www.youtube.com/embed/abcdefghijk", "video abcdefghijk"),
        ("https://arxiv.org/pdf/2501.01234v3", "arXiv 2501.01234"),
        ("https://huggingface.co/papers/2501.01234", "arXiv 2501.01234"),
        ("https://doi.org/10.48550/arXiv.2501.01234", "arXiv 2501.01234"),
        ("https://doi.org/10.5555/Tide.2025.17", "DOI 10.5555/tide.2025.17"),
        ("https://press.example/doi/full/10.5555/tide.2025.17", "DOI 10.5555/tide.2025.17"),
        ("https://press.example/content/10.5555/tide.2025.17.full.pdf", "DOI 10.5555/tide.2025.17"),
        ("https://www.nature.com/articles/s41586-025-00000-1", "DOI 10.1038/s41586-025-00000-1"),
    ],
)
def test_an_address_names_a_video_a_paper_or_a_doi(address: str, identity: str) -> None:
    assert identity in cited_ids(citation(address))
    assert identity in story_ids(Story(id="1", titles=(), urls=(address,)), pages_of([address]))


def test_ids_are_read_in_the_words_of_a_citation_without_address() -> None:
    assert cited_ids(citation(raw="Osei, L. Tides. arXiv: 2501.01234, doi 10.5555/tide.2025.17。")) == (
        "arXiv 2501.01234",
        "DOI 10.5555/tide.2025.17",
    )


@pytest.mark.parametrize(
    "address",
    ["https://www.youtube.com/watch?v=short", "https://arxiv.org/list/cs.AI/recent", "https://port.example/v10.2/x"],
)
def test_what_is_no_id_is_none(address: str) -> None:
    assert cited_ids(citation(address)) == ()


def test_a_front_page_is_no_page_of_a_story() -> None:
    assert pages_of(["https://port.example/", "https://www.port.example", "https://port.example/?p=7"]) == (
        canonical("https://port.example/?p=7"),
    )
    assert cited_page(citation("https://port.example/")) is None


def test_the_keys_of_a_citation_are_its_page_and_its_ids() -> None:
    assert citation_keys(citation("https://arxiv.org/abs/2501.01234v1")) == (
        "https://arxiv.org/abs/2501.01234",
        "arXiv 2501.01234",
    )


def test_a_video_of_the_feed_itself_is_an_id() -> None:
    assert story_ids(Story(id="1", titles=(), video="abcdefghijk"), ()) == ("video abcdefghijk",)
