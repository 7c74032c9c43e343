"""Say what an audit found in SARIF 2.1.0, so that a CI annotates file and line."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from feeds.audit.values import RULES, Finding, Remark, Rule
from feeds.urls import encode_path

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_NUMBERS = {rule: number for number, rule in enumerate(RULES)}


def sarif(findings: Iterable[Finding], *, version: str) -> dict[str, Any]:
    """One run with one result for each remark, as JSON-ready values; ``version`` is that of feeds.

    Paths are relative to the folder that the CI checks out. A result keeps its fingerprint when its line moves.
    """
    results = [_result(finding, remark) for finding in findings for remark in finding.remarks]
    driver = {"name": "feeds", "version": version, "rules": [_rule(rule) for rule in RULES]}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _rule(rule: Rule) -> dict[str, Any]:
    stance = RULES[rule]
    return {
        "id": rule.value,
        "shortDescription": {"text": stance.meaning},
        "defaultConfiguration": {"level": stance.level.value},
    }


def _result(finding: Finding, remark: Remark) -> dict[str, Any]:
    location = {"artifactLocation": {"uri": encode_path(finding.path)}, "region": {"startLine": remark.line}}
    return {
        "ruleId": remark.rule.value,
        "ruleIndex": _NUMBERS[remark.rule],
        "level": RULES[remark.rule].level.value,
        "message": {"text": f"{_subject(finding)}: {remark.why}"},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"citation/v1": _fingerprint(finding, remark)},
    }


def _subject(finding: Finding) -> str:
    return "source" if finding.label is None else f"[^{finding.label[:40]}]"


def _fingerprint(finding: Finding, remark: Remark) -> str:
    """By what is wrong with which page where; never by the line."""
    citation = finding.citation
    page = (citation.key or citation.raw) if citation else ""
    text = "\n".join((remark.rule, finding.path, finding.label or "", page))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
