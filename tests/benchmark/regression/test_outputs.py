"""What a pull request and a CI system get to see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from benchmark.regression import junit, tables
from benchmark.regression.report import Finding, Judged, Report
from tests.benchmark.comparison.made_up import put

SCORES = {"rouge_l": [0.5, 0.5, 0.5], "cider": [1.0, 1.0, 1.0]}
CHECK = ("check", "results", "--baseline", "baseline.json")

# The structure that Ant's task, Jenkins' plug-in and GitLab agree on: what may stand where, and which attributes must.
SCHEMA = etree.XMLSchema(
    etree.fromstring(
        """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:attributeGroup name="counts">
    <xs:attribute name="name" type="xs:string" use="required"/>
    <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="skipped" type="xs:nonNegativeInteger"/>
    <xs:attribute name="time" type="xs:decimal"/>
  </xs:attributeGroup>
  <xs:complexType name="problem" mixed="true">
    <xs:attribute name="message" type="xs:string"/>
    <xs:attribute name="type" type="xs:string"/>
  </xs:complexType>
  <xs:element name="testsuites">
    <xs:complexType>
      <xs:sequence><xs:element ref="testsuite" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
      <xs:attributeGroup ref="counts"/>
    </xs:complexType>
  </xs:element>
  <xs:element name="testsuite">
    <xs:complexType>
      <xs:sequence><xs:element ref="testcase" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
      <xs:attributeGroup ref="counts"/>
    </xs:complexType>
  </xs:element>
  <xs:element name="testcase">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="skipped" minOccurs="0" maxOccurs="1">
          <xs:complexType><xs:attribute name="message" type="xs:string"/></xs:complexType>
        </xs:element>
        <xs:element name="error" type="problem" minOccurs="0" maxOccurs="unbounded"/>
        <xs:element name="failure" type="problem" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence>
      <xs:attribute name="name" type="xs:string" use="required"/>
      <xs:attribute name="classname" type="xs:string" use="required"/>
      <xs:attribute name="time" type="xs:decimal"/>
    </xs:complexType>
  </xs:element>
</xs:schema>"""
    )
)


@pytest.fixture(autouse=True)
def baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Callable) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("alpha", "beta", "gone"):
        put(Path("results"), name, SCORES)
    assert cli(*CHECK, "--update").code == 0


def change() -> None:
    """One captioner falls, one is scored in another way, one is gone, one is new."""
    put(Path("results"), "alpha", {**SCORES, "cider": [1.0, 0.4, 1.0]}, captions={"s1": "| @all ```x\n# y"})
    put(Path("results"), "beta", SCORES, signatures={"CIDEr": "CIDEr|other"})
    put(Path("results"), "new", SCORES)
    (manifest,) = Path("results").glob("runs/*/gone/manifest.json")
    manifest.unlink()


def test_junit_has_a_case_for_each_score_and_problem(cli: Callable) -> None:
    change()
    assert cli(*CHECK, "--junit", "junit.xml").code == 1
    root = etree.parse("junit.xml").getroot()
    SCHEMA.assertValid(root)
    assert dict(root.attrib) == {
        "name": "svg-caption-bench", "tests": "6", "failures": "2", "errors": "1", "skipped": "1", "time": "0",
    }  # fmt: skip
    found = {
        (suite.get("name").split("/")[1], case.get("name"), *(problem.tag for problem in case))
        for suite in root
        for case in suite
    }
    assert found == {
        ("alpha", "ROUGE-L"),
        ("alpha", "CIDEr", "failure"),
        ("beta", "ROUGE-L"),
        ("beta", "CIDEr", "error"),
        ("gone", "missing captioner", "failure"),
        ("new", "new captioner", "skipped"),
    }
    (failure,) = root.iterfind(".//testcase[@name='CIDEr']/failure")
    assert failure.get("type") == "worse"
    assert failure.get("message") == "CIDEr fell from 1.0000 to 0.8000, by 0.2000; allowed is 0.0100."


def test_junit_of_a_check_that_passes_has_no_problem(cli: Callable) -> None:
    assert cli(*CHECK, "--junit", "junit.xml").code == 0
    root = etree.parse("junit.xml").getroot()
    SCHEMA.assertValid(root)
    assert (root.get("tests"), root.get("failures"), len(root)) == ("6", "0", 3)


def test_characters_that_xml_has_not_are_written_as_their_codes() -> None:
    judged = Judged("set/a\x00<b>", "CIDEr", 1.0, 0.0, 0.5, None, failed=True)
    findings = (
        Finding("failed", "worse", judged.place, "\ud800 & \x1b[31m\uffff \U0001f600", "CIDEr"),
        Finding("failed", "other formula", judged.place, "too", "CIDEr"),
    )
    root = etree.fromstring(junit.document(Report((judged,), findings, ())))
    SCHEMA.assertValid(root)
    assert root[0].get("name") == r"set/a\u{0}<b>"
    assert [one.get("message") for one in root.iter("failure")] == [
        "\\u{d800} & \\u{1b}[31m\\u{ffff} \U0001f600", "too",
    ]  # fmt: skip
    assert (root.get("tests"), root.get("failures")) == ("1", "1")


def test_markdown_is_a_verdict_a_table_and_the_samples(cli: Callable) -> None:
    change()
    assert cli(*CHECK, "--markdown", "summary.md").code == 1
    text = Path("summary.md").read_text()
    assert text.startswith("## Captions: failed\n\n```text\nfailed: scenes-test-3-")
    assert re.search(r"^failed: \S+/gone: it is in the baseline and not in the results", text, re.M)
    assert re.search(r"^incomparable: \S+/beta: CIDEr is computed in another way", text, re.M)
    assert re.search(r"^note: \S+/new: it is not in the baseline", text, re.M)
    assert re.search(
        r"^\| `scenes-test-3-\w+/alpha` \| CIDEr \| 1\.0000 \| 0\.8000 \| -0\.2000 \| -0\.0100 \| fell \|$", text, re.M
    )
    assert "2 of 3 scores are what they were." in text
    assert "1 captions changed; CIDEr of samples: 0 rose, 2 stayed, 1 fell</code></summary>" in text
    (line,) = (line for line in text.splitlines() if line.startswith("| `s1`"))
    assert "0.4000 ````\\| @all ```x # y````" in line


def test_nothing_in_the_findings_is_markdown() -> None:
    findings = (Finding("failed", "lost samples", "set/a", "lost:\n```\n@all <img src=x> ````"),)
    text = tables.markdown(Report((), findings, ()))
    fence = "`" * 5
    _, inside, _ = text.split(fence)
    assert "@all <img src=x> ````" in inside
    assert text.count("\n" + fence) == 2


def test_the_job_summary_is_appended_to(cli: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "job.md")
    Path("job.md").write_text("of another step\n")
    assert cli(*CHECK, "--github-summary", "--markdown", "own.md").code == 0
    assert Path("job.md").read_text() == "of another step\n" + Path("own.md").read_text()
    assert cli(*CHECK).code == 0
    assert Path("job.md").read_text().count("## Captions: passed") == 1
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "absent/job.md")
    code, _, err = cli(*CHECK, "--github-summary")
    assert (code, "cannot write absent/job.md" in err) == (2, True)


def test_json_is_one_document_with_the_exit_code(cli: Callable) -> None:
    change()
    code, out, err = cli(*CHECK, "--json")
    document = json.loads(out)
    assert code == document["exit_code"] == 1
    assert err == f"Error: {document['headline']} Baseline: baseline.json.\n"
    assert [(one["column"], one["before"], one["now"], one["failed"]) for one in document["scores"]] == [
        ("ROUGE-L", 0.5, 0.5, False), ("CIDEr", 1.0, 0.8, True), ("ROUGE-L", 0.5, 0.5, False),
    ]  # fmt: skip
    assert {(one["level"], one["kind"]) for one in document["findings"]} == {
        ("failed", "worse"), ("failed", "missing captioner"), ("incomparable", "other signature"),
        ("note", "new captioner"),
    }  # fmt: skip
