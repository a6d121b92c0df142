"""Decides whether an electronic invoice is right by the rules of those who made them: the XML schema, then each Schematron.

Rules run in a thread of their own, one for the process: Saxon wants one processor for each thread, and each holds its compiled
rules in some hundred megabytes. The first check compiles (a second); after that one takes milliseconds.
"""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from goodterms.einvoices import guard, syntaxes
from goodterms.einvoices.map import Place
from goodterms.einvoices.profiles import Profile, profile_of
from goodterms.einvoices.rulesets import RuleSet, rule_sets, schema_of
from goodterms.einvoices.sentences import Plain, plain_words
from goodterms.values.refusal import Refused

Severity = Literal["fatal", "warning", "information"]
FINDINGS_MAX = 500
MARKS_MAX = 200_000  # of < and =, some 3,800 lines: the rules take seconds for so many, and longer than in proportion for more


class Finding(NamedTuple):
    """One rule that does not hold: where, and in whose words. `plain` is ours, where we have any."""

    rule: str
    severity: Severity
    terms: tuple[str, ...]  # BT and BG numbers
    place: str  # InvoiceLine[2]/Item/Name
    said: str
    plain: Plain
    rule_set: str

    def told(self) -> dict[str, Any]:
        """For programs: the official words, and ours beside them."""
        return {
            "rule": self.rule, "severity": self.severity, "terms": list(self.terms), "place": self.place,
            "says": self.plain.says, "mend": self.plain.mend, "official": self.said,
        }  # fmt: skip


class Checked(NamedTuple):
    """What was run, what should have been and is not installed, and what was found."""

    ran: tuple[str, ...]
    missing: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def fatal(self) -> list[Finding]:
        return [each for each in self.findings if each.severity == "fatal"]

    @property
    def is_valid(self) -> bool:
        return not self.fatal


def check(xml: bytes, profile: Profile | None = None) -> Checked:
    """Hold an XML invoice against its schema and its rules: those of `profile`, else of the use it names itself (BT-24).
    Refused: what is no invoice at all. A document against its schema is not held against rules, which would only stumble."""
    root = guard.tree(xml, MARKS_MAX)
    kind = syntaxes.kind_of(root)
    if kind is None:
        raise Refused("This is not an electronic invoice: neither UBL nor CII.", code="syntax")
    profile = profile or profile_of(_guideline(root, kind.place))
    broken = _thread().submit(_against_schema, root, kind.place, schema_of(root.tag, profile)).result()
    wanted = rule_sets(kind.syntax, profile)
    missing = tuple(each.name for each in wanted if each.path is None)
    if broken:
        return Checked(("XML schema",), missing, tuple(broken))
    there = [each for each in wanted if each.path is not None]
    found = _thread().submit(_against_rules, root, kind.place, there).result()
    once = {(each.rule, each.place): each for each in reversed(found)}  # two rule sets may hold the same rule
    kept = tuple(each for each in found if once[each.rule, each.place] is each)[:FINDINGS_MAX]
    return Checked(("XML schema", *(each.name for each in there)), missing, kept)


def _guideline(root: Any, place: Place) -> str:
    """BT-24, without reading the rest."""
    found = root.find("/".join(at.tag for at in _way_to("BT-24", place)))
    return (found.text or "") if found is not None else ""


def _way_to(term: str, place: Place) -> list[Place]:
    for each in place.order:
        if each.term == term:
            return [each]
        if each.order and (rest := _way_to(term, each)):
            return [each, *rest]
    return []


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="official-rules")


def _against_schema(root: Any, place: Place, path: Path) -> list[Finding]:
    schema = _schema(path)
    if schema.validate(root):
        return []
    return [_of_schema(each, place) for each in list(schema.error_log)[:20]]


def _of_schema(error: Any, place: Place) -> Finding:
    steps = [step.partition("[")[0].rpartition(":")[2] for step in (error.path or "").strip("/").split("/")]
    said = re.sub(r"\{[^}]*\}", "", error.message)
    return Finding("XSD", "fatal", _terms_at(place, steps[1:]), _short(steps), said, plain_words("XSD"), "XML schema")


@cache
def _schema(path: Path) -> Any:
    from lxml import etree

    return etree.XMLSchema(etree.parse(str(path)))


def _against_rules(root: Any, place: Place, wanted: list[RuleSet]) -> list[Finding]:
    from lxml import etree

    document = _processor().parse_xml(xml_text=etree.tostring(root, encoding="unicode"))
    found: list[Finding] = []
    for rule_set in wanted:
        assert rule_set.path is not None
        report = _rules(rule_set.path).transform_to_string(xdm_node=document)
        if report is None:
            raise RuntimeError(f"the rules {rule_set.name} gave no report")
        failed = etree.fromstring(report.encode()).iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")
        found += [_finding(each, place, rule_set) for each in failed if each.get("id") not in rule_set.allows]
    return found


@cache
def _processor() -> Any:
    """Of the one thread that uses it."""
    import saxonche

    return saxonche.PySaxonProcessor(license=False)


@cache
def _rules(path: Path) -> Any:
    """Compiled from a file by its name: the rules of Factur-X open their code lists beside it."""
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


def _forget() -> None:
    """A child of a fork has none of the threads of its parent, so neither what they held."""
    for each in (_thread, _processor, _rules):
        each.cache_clear()


os.register_at_fork(after_in_child=_forget)


def _finding(failed: Any, place: Place, rule_set: RuleSet) -> Finding:
    rule = failed.get("id") or ""
    text = failed.find(f"{_SVRL}text")
    said = " ".join("".join(text.itertext()).split()) if text is not None else ""
    steps = _steps(failed.get("location") or "")
    terms = tuple(dict.fromkeys(_TERM.findall(said))) or _terms_at(place, [name for name, _ in steps][1:])
    flag = failed.get("flag") or failed.get("role") or "fatal"  # Factur-X gives its fatal ones no flag at all
    severity: Severity = "warning" if flag == "warning" else "information" if flag.startswith("info") else "fatal"
    shown = _short([name if at == "1" else f"{name}[{at}]" for name, at in steps])
    said = re.sub(r"^\[[^\]]*\]\s*-?\s*", "", said)
    return Finding(rule, severity, terms, shown, said, plain_words(rule), rule_set.name)


def _steps(location: str) -> list[tuple[str, str]]:
    """Names and numbers of the elements on the way, whichever way a stylesheet writes it."""
    plain = re.sub(r"\[namespace-uri\(\)\s*=\s*'[^']*'\]|Q\{[^}]*\}", "", location)
    found = (_STEP.match(step) for step in plain.strip("/").split("/") if step)
    return [(step[1], step[2] or "1") for step in found if step]


def _terms_at(place: Place, steps: list[str]) -> tuple[str, ...]:
    """The term or group at the end of a way through the map."""
    said: tuple[str, ...] = ()
    for name in steps:
        below = next((each for each in place.order if each.name.rpartition(":")[2] == name.partition("[")[0]), None)
        if below is None:
            return said
        place = below
        said = tuple(term for term in (place.term or place.each,) if term) or said
    return said


def _short(steps: list[str]) -> str:
    return "/".join(steps[1:]) or "/".join(steps)


_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_TERM = re.compile(r"\bB[TG]-(?:X-)?[0-9]{1,3}(?:-[0-9])?\b")
_STEP = re.compile(r"^(?:\*:|[A-Za-z0-9_.-]+:)?([A-Za-z0-9_.-]+)(?:\[([0-9]+)\])?")
