"""A reply read in the form that was asked for, and else in any other, which is a fault."""

import json
from collections.abc import Callable, Mapping

from evaluator.agents.calls import CallReading, ToolCall
from evaluator.agents.reading import json_form, react_form, text_form
from evaluator.agents.reading.literals import Faults
from evaluator.agents.reading.marks import WORDS, words
from evaluator.agents.reading.native_form import calls_of
from evaluator.results.names import ProtocolName
from evaluator.types import Response

TextForm = Callable[[str, Faults], tuple[list[ToolCall], str]]
TEXT_FORMS: Mapping[ProtocolName, TextForm] = {
    "react": react_form.calls_in,
    "json": json_form.calls_in,
    "text": text_form.calls_in,
}
LONGEST_NAME = 200  # characters
BARE: frozenset[ProtocolName] = frozenset({"json", "text"})  # calls, and nothing else beside them


def read_as(asked: ProtocolName, response: Response) -> CallReading:
    """The calls of a reply that should be in this protocol.  Never raises."""
    faults = Faults()
    if native := calls_of(response, faults):
        if asked != "tools":
            faults.add("in the form tools")
        said = words(response.text, Faults())
        return CallReading([*map(storable, native)], said, [*faults.found])
    first = [asked] if asked in TEXT_FORMS else []
    for form in dict.fromkeys([*first, *TEXT_FORMS]):
        if (found := _read(form, asked, response.text, faults)) is not None:
            return found
    said, fault = _said(asked, response.text)
    return CallReading((), said, [*faults.found, *fault])


def _read(form: ProtocolName, asked: ProtocolName, text: str, broken: Faults) -> CallReading | None:
    """The calls in one form; None where there are none."""
    faults = Faults()
    plain = words(text, faults)
    marks = dict(faults.found)
    calls, beside = TEXT_FORMS[form](plain, faults)
    if not calls:
        if form == asked:  # a call that was tried, and cannot be read
            broken.found |= {fault: None for fault in faults.found if fault not in marks}
        return None
    if form != asked:
        faults.add(f"in the form {form}")
    elif beside and form in BARE:
        faults.add(WORDS)
    return CallReading([*map(storable, calls)], beside, [*faults.found])


def storable(call: ToolCall) -> ToolCall:
    """The call without halves of surrogate pairs, which no file can hold; a name of sane length."""
    packed = json.dumps([call.name[:LONGEST_NAME], call.arguments, call.id], ensure_ascii=False)
    name, given, id = json.loads(packed.encode("utf-8", "replace"))
    return ToolCall(name, given, id)


def _said(asked: ProtocolName, text: str) -> tuple[str, list[str]]:
    """What a reply without calls says to the user, and what is wrong with how."""
    plain = words(text, Faults())
    if asked != "react":
        return plain, []
    labelled = any(part.kind == "answer" for part in react_form.parts(plain))
    return react_form.calls_in(plain, Faults())[1], [] if labelled else [react_form.NO_ANSWER]
