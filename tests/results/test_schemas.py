"""The JSON Schemas in docs/schemas are those of the types."""

from pathlib import Path

import orjson
import pytest

from evaluator.errors import UsageError
from evaluator.results.schemas import available, packed, schema
from tests.conftest import Cli

DOCS = Path(__file__).parents[2] / "docs/schemas"


@pytest.mark.parametrize("name", available())
def test_the_schemas_in_the_docs_are_fresh(name: str) -> None:
    kept = (DOCS / f"{name}.schema.json").read_bytes()

    assert kept == packed(name), "run python -m evaluator.results.schemas docs/schemas"


def test_there_is_no_schema_of_what_is_not_written() -> None:
    assert {each.name.partition(".")[0] for each in DOCS.iterdir()} == set(available())


@pytest.mark.parametrize("name", available())
def test_every_field_is_described(name: str) -> None:
    made = schema(name)

    for part in (made, *made["$defs"].values()) if "$defs" in made else (made,):
        for field, of in part.get("properties", {}).items():
            assert of.get("description", "").endswith("."), f"{part['title']}.{field}"


def test_a_schema_is_printed(cli: Cli) -> None:
    named, listed, unknown = cli("schema", "report"), cli("schema"), cli("schema", "reprot")

    assert orjson.loads(named.stdout)["title"] == "report.json"
    assert "outcomes" in listed.stdout.splitlines()
    assert (unknown.returncode, "did you mean 'report'?" in unknown.stderr) == (2, True)


def test_an_unknown_schema_is_refused() -> None:
    with pytest.raises(UsageError, match="there are run, outcomes"):
        schema("zzz")
