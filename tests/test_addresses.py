from __future__ import annotations

import ipaddress
import socket
import threading
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.polled import FailureKind
from feeds.sources.addresses import check_name, find_endpoints, read_address, refusal
from feeds.sources.failures import Trouble

CLOSED = [
    "0.0.0.0",  # noqa: S104 (not bound)
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",  # Teredo, client 10.0.0.1
    "2001:0:a00:1:8000:63bf:3fff:fdd2",  # Teredo, server 10.0.0.1
    "2001:2::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2002:c0a8:101::1",
    "3fff::1",
    "4000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
OPEN = [
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::200e",
    "::ffff:1.1.1.1",
    "64:ff9b::1.1.1.1",
    "2002:101:101::1",
    "2001:0:4136:e378:8000:63bf:f7f7:f7f7",  # Teredo, server 65.54.227.120, client 8.8.8.8
]


def entries(*ips: str) -> list[Any]:
    """What getaddrinfo would answer."""
    return [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (ip, 80, 0, 0))
        if ":" in ip
        else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80))
        for ip in ips
    ]


@pytest.mark.parametrize("ip", CLOSED)
def test_an_address_outside_the_public_internet_is_refused(ip: str) -> None:
    assert refusal(ip)


@pytest.mark.parametrize("ip", OPEN)
def test_a_public_address_may_be_asked(ip: str) -> None:
    assert refusal(ip) is None


@given(st.ip_addresses(v=4))
def test_whatever_python_calls_not_global_is_refused(ip: ipaddress.IPv4Address) -> None:
    if not ip.is_global:
        assert refusal(str(ip))


@given(st.ip_addresses(v=4))
def test_an_embedded_address_is_judged_like_the_plain_one(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | number)
    nat64 = ipaddress.IPv6Address((0x0064FF9B << 96) | number)
    sixtofour = ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1)
    expected = refusal(str(ip))
    assert [refusal(str(form)) for form in (mapped, nat64, sixtofour)] == [expected] * 3


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0x7f000001",
        "0177.0.0.1",
        "017700000001",
        "::1",
        "::ffff:10.0.0.1",
        "localhost",
        "localhost.",
        "db.localhost",
        "printer.local",
        "local",
        "metadata.google.internal",
        "nas.home.arpa",
    ],
)
def test_a_closed_network_shows_by_its_name_alone(host: str) -> None:
    with pytest.raises(Trouble) as caught:
        check_name(host, refusal)
    assert caught.value.kind is FailureKind.BLOCKED


@pytest.mark.parametrize("host", ["example.org", "1.1.1.1", "localhost.example.org", "notlocal"])
def test_a_public_name_passes(host: str) -> None:
    check_name(host, refusal)


def test_only_the_public_addresses_of_a_host_are_used() -> None:
    found = find_endpoints(
        "x.example", 80, resolver=lambda *_, **__: entries("10.0.0.1", "1.1.1.1", "::1"), guard=refusal, seconds=5
    )
    assert [entry[4][0] for entry in found] == ["1.1.1.1"]


def test_a_host_with_private_addresses_only_is_blocked() -> None:
    with pytest.raises(Trouble, match=r"x\.example leads to a private network") as caught:
        find_endpoints(
            "x.example", 80, resolver=lambda *_, **__: entries("10.0.0.1", "fd00::1"), guard=refusal, seconds=5
        )
    assert caught.value.kind is FailureKind.BLOCKED


def test_without_a_guard_every_address_is_used() -> None:
    found = find_endpoints("x", 80, resolver=lambda *_, **__: entries("10.0.0.1", "::1"), guard=None, seconds=5)
    assert len(found) == 2


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.0.0.1"])
def test_the_systems_resolver_cannot_smuggle_an_odd_spelling_past_the_guard(host: str) -> None:
    with pytest.raises(Trouble) as caught:
        find_endpoints(host, 80, resolver=socket.getaddrinfo, guard=refusal, seconds=5)
    assert caught.value.kind is FailureKind.BLOCKED


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    free = threading.Event()

    def sleepy(*_: Any, **__: Any) -> list[Any]:
        free.wait(10)
        return entries("1.1.1.1")

    started = time.monotonic()
    with pytest.raises(TimeoutError):
        find_endpoints("x.example", 80, resolver=sleepy, guard=refusal, seconds=0.2)
    free.set()
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("url", "base", "target"),
    [
        ("http://example.org", "http://example.org", "/"),
        ("http://EXAMPLE.org:80/A", "http://example.org", "/A"),
        ("https://example.org:443/", "https://example.org", "/"),
        ("https://example.org:8443/", "https://example.org:8443", "/"),
        ("http://example.org?x=1", "http://example.org", "/?x=1"),
        ("http://example.org/feed?", "http://example.org", "/feed?"),
        ("http://example.org/feed/#top", "http://example.org", "/feed/"),
        ("http://example.org/%e4%b8%ad/%2F//a/../b;c?q=%20+'&r[]=|", "http://example.org", None),
        ("http://example.org/中文?题=一", "http://example.org", "/%E4%B8%AD%E6%96%87?%E9%A2%98=%E4%B8%80"),
        ("http://example.org/a b", "http://example.org", "/a%20b"),
        ("http://例子.中国/", "http://xn--fsqu00a.xn--fiqs8s", "/"),
        ("http://[::1]:8080/x", "http://[::1]:8080", "/x"),
        ("http://user:pa@ss@example.org/x", "http://example.org", "/x"),
    ],
)
def test_an_address_is_split_and_its_target_left_as_written(url: str, base: str, target: str | None) -> None:
    address = read_address(url)
    assert (address.base, address.target) == (base, target or url.removeprefix(base))


def test_user_and_password_stand_apart_and_in_no_other_part() -> None:
    address = read_address("https://me:secret@example.org/feed")
    assert address.userinfo == "me:secret"
    assert "secret" not in address.url + address.base + address.shown


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/feed",
        "//example.org/feed",
        "ftp://example.org/",
        "file:///etc/passwd",
        "feed://example.org/",
        "http://",
        "http:///x",
        "http://a b/",
        "http://a..b/",
        "http://.example.org/",
        "http://*.example.org/",
        "http://example.org:99999/",
        "http://example.org:x/",
        "http://[::1/",
        "http://[nonsense]/",
        "http://exa\\mple.org/",
        "http://example.org/\r\nX: y",
        "http://exam\tple.org/",
        "http://" + "a" * 300 + "/",
        "http://\udc80/",
    ],
)
def test_what_is_no_web_address_is_trouble_of_its_own_kind(url: str) -> None:
    with pytest.raises(Trouble) as caught:
        read_address(url)
    assert caught.value.kind is FailureKind.URL


@given(st.one_of(st.text(max_size=60), st.text(max_size=40).map("http://{}".format)))
@settings(max_examples=300)
def test_any_text_is_an_address_or_trouble(url: str) -> None:
    try:
        address = read_address(url)
    except Trouble:
        return
    assert address.target.isascii()
    assert not set(address.target) & set(" \r\n\t#")
    assert read_address(address.url).origin == address.origin
