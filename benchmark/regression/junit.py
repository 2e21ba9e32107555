"""A check as JUnit XML, which CI systems show: a suite for each captioner, a case for each score."""

from __future__ import annotations

import re
from collections import defaultdict

from lxml import etree

from benchmark.regression.report import Finding, Report

_ELEMENTS = {"failed": "failure", "incomparable": "error", "note": "skipped"}
_COUNTS = {"failures": "failure", "errors": "error", "skipped": "skipped"}
# What XML 1.0 (section 2.2) has no way to write.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(report: Report) -> bytes:
    """The report in the form that Ant introduced, and Jenkins and GitLab read.

    A score that fell is a failure; so is a captioner or a sample that is gone. What is not comparable is an error, and
    what is only to be known is skipped.
    """
    suites: dict[str, dict[str, list[Finding]]] = defaultdict(dict)
    for one in report.judged:
        suites[one.place][one.column] = []
    for finding in report.findings:
        suites[finding.place].setdefault(finding.column or finding.kind, []).append(finding)
    root = etree.Element("testsuites", name="svg-caption-bench")
    for place, cases in suites.items():
        suite = etree.SubElement(root, "testsuite", name=_text(place))
        for name, findings in cases.items():
            case = etree.SubElement(suite, "testcase", classname=_text(place), name=_text(name), time="0")
            for finding in findings:
                problem = etree.SubElement(case, _ELEMENTS[finding.level], message=_text(finding.message))
                if finding.level != "note":
                    problem.set("type", finding.kind)
        _count(suite)
    _count(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _count(element: etree._Element) -> None:
    """Say how many cases are below, and how many of them have each kind of problem."""
    element.set("tests", str(len(element.findall(".//testcase"))))
    for attribute, problem in _COUNTS.items():
        element.set(attribute, str(len(element.findall(f".//testcase[{problem}]"))))
    element.set("time", "0")


def _text(text: str) -> str:
    return _FORBIDDEN.sub(lambda match: f"\\u{{{ord(match[0]):x}}}", text)
