"""A real site of 400 articles and two documents, set up as its user would."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.sites import SmallSite, run_feeds


def real_site(shared: Path, root: Path, sources: str) -> SmallSite:
    """The corpus with its hugo.toml after ``feeds init``, the seeds as one more folder, and sources; not yet built."""
    shutil.copytree(shared / "data/corpus", root, copy_function=shutil.copyfile)
    shutil.copytree(shared / "data/seeds", root / "seeds", copy_function=shutil.copyfile)
    for seed in (root / "seeds").iterdir():
        os.utime(seed, (1764842400, 1764842400))
    assert run_feeds(root, "init").returncode == 0
    config = root / "sources.yaml"
    text = config.read_text(encoding="utf-8")
    seeds = '\n  - {path: seeds, url: "/seeds/:slugorfilename/", glob: "*.txt"}'
    sections = "".join(f"\n  - path: content/{name}" for name in ("insights", "morningnews", "newspaper"))
    more = f"\ninfer_terms: true\ncontent:{seeds}{sections}\n"
    config.write_text(text + more + sources, encoding="utf-8")
    return SmallSite(root)
