"""The answers as JUnit XML, which GitHub's and GitLab's test reports read."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from evaluator.errors import UsageError
from evaluator.gates.requirement import Requirement
from evaluator.locale import N_
from evaluator.report.escaping import harmless

TAGS = {"fails": "failure", "cannot tell": "error"}  # neither is a test that passed


def write_junit(path: Path, run: Path, requirements: Sequence[Requirement]) -> None:
    """A test case for each requirement.  Raises UsageError where the file cannot be written."""
    tree = ElementTree(suites(run, requirements))
    indent(tree)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        tree.write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise UsageError(
            N_(
                "--junit: cannot write {path!r}: {strerror}",
                path=str(path),
                strerror=error.strerror,
            )
        ) from error


def suites(run: Path, requirements: Sequence[Requirement]) -> Element:
    """The whole document."""
    answers = Counter(each.answer for each in requirements)
    counts = {"tests": len(requirements)}
    counts |= {"failures": answers["fails"], "errors": answers["cannot tell"]}
    about = {"name": f"evaluator gate {run}", **counts, "skipped": 0, "time": 0}
    root = Element("testsuites", attributes({**about, "name": "evaluator gate"}))
    suite = SubElement(root, "testsuite", attributes(about))
    for each in requirements:
        add_case(suite, run, each)
    return root


def add_case(suite: Element, run: Path, of: Requirement) -> None:
    """One requirement."""
    about = attributes({"classname": str(run), "name": of.text, "time": 0})
    case = SubElement(suite, "testcase", about)
    if tag := TAGS.get(of.answer):
        told = SubElement(case, tag, attributes({"message": of.reason, "type": of.answer}))
        told.text = legal("\n".join([of.reason, *of.notes]))
    else:
        SubElement(case, "system-out").text = legal("\n".join([of.reason, *of.notes]))


def attributes(values: dict[str, object]) -> dict[str, str]:
    """Attributes of XML."""
    return {name: legal(str(value)) for name, value in values.items()}


def legal(text: str) -> str:
    """A text without the characters that no XML can hold."""
    return harmless(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
