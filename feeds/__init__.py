"""Publish Markdown articles as feeds, and follow the sources that they cite."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
