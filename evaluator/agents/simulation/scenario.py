"""One scenario: what the user wants, which calls are right, and what the answer must say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluator.agents.calls import Arguments, Tool
from evaluator.agents.values import same
from evaluator.types import DataRow, Schema

LEFT_OUT = ""  # among the accepted values of an argument: it need not be given


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """A call that is right. `arguments` has the accepted values of each argument."""

    name: str
    arguments: Mapping[str, Sequence[Any]]

    def right(self, given: Arguments, schema: Schema) -> Sequence[str]:
        """The names of the arguments that are as expected."""
        return [
            name
            for name, accepted in self.arguments.items()
            if name in given and any(same(given[name], e, typed(schema, name)) for e in accepted)
        ]

    def wanted(self, given: Arguments) -> Sequence[str]:
        """The arguments that count: those that must be given, and those that were."""
        must = [name for name, accepted in self.arguments.items() if LEFT_OUT not in accepted]
        return [*dict.fromkeys([*must, *given])]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`says`: of each thing that the last answer must say, its wordings.

    `asks`: something is missing, and the user says it (`reply`) only when asked. `fails`: how
    often a tool is out of order before it works.
    """

    language: str
    system: str
    user: str
    tools: Sequence[Tool]
    calls: Sequence[ExpectedCall]
    says: Sequence[Sequence[str]] = ()
    ordered: bool = False
    asks: bool = False
    reply: str = ""
    fails: Mapping[str, int] | None = None

    def tool(self, name: str) -> Tool | None:
        """The tool of that name."""
        return next((tool for tool in self.tools if tool.name == name), None)

    def target(self) -> str:
        """The right calls in words, with the first of the accepted values."""
        return "; ".join(f"{call.name}({_first(call)})" for call in self.calls)


def _first(call: ExpectedCall) -> str:
    return ", ".join(f"{name}={accepted[0]!r}" for name, accepted in call.arguments.items())


def typed(schema: Schema, name: str) -> Schema:
    """The schema of one argument."""
    found: Schema = (schema.get("properties") or {}).get(name) or {}
    return found


def scenario(row: DataRow, language: str, tools: Mapping[str, Tool], today: str) -> Scenario:
    """The scenario of a row, in one of its two languages."""
    told = row[language]
    return Scenario(
        language,
        "\n".join(filter(None, (today, told.get("system")))),
        told["user"],
        [tools[name] for name in row["tools"]],
        [ExpectedCall(each["name"], each["arguments"]) for each in row["calls"]],
        told.get("says", ()),
        ordered=row["category"] == "sequence",
        asks="reply" in told,
        reply=told.get("reply", ""),
        fails=row.get("fails"),
    )


def described(row: DataRow, language: str) -> Tool:
    """A tool as its row describes it in one of the two languages."""
    properties = {
        name: {"description": about[language], **about["schema"]}
        for name, about in row["arguments"].items()
    }
    schema = {"type": "object", "properties": properties, "required": row["required"]}
    return Tool(row["name"], row[language], schema)
