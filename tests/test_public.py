"""What the package shows to others."""

from __future__ import annotations

from types import ModuleType

import feeds


def test_all_is_sorted_and_complete() -> None:
    public = [
        name
        for name, value in vars(feeds).items()
        if (not name.startswith("_") or name == "__version__")
        and not isinstance(value, ModuleType)
        and name != "annotations"
    ]
    assert feeds.__all__ == sorted(public)
