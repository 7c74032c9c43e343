"""Whose word is good for a server's name: the certificates of the environment, or those that certifi brings."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from ssl import SSLContext

import certifi
from urllib3.util.ssl_ import create_urllib3_context


def certificates() -> str:
    """File or folder of trusted certificates, by the variables that requests and curl heed."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or certifi.where()


@lru_cache(maxsize=4)
def tls_context(path: str) -> SSLContext:
    """One for all connections: to read the certificates in ``path`` again for each of them costs 50 ms."""
    context = create_urllib3_context()
    context.check_hostname = True
    is_folder = Path(path).is_dir()
    context.load_verify_locations(cafile=None if is_folder else path, capath=path if is_folder else None)
    return context
