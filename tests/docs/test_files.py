"""docs/fields.md and docs/schemas/ are as the types are."""

import pytest

from evaluator.results.fields_page import fields_page
from evaluator.results.schemas import available
from tests.docs.pages import page


def test_the_page_of_fields_is_fresh() -> None:
    assert page("docs/fields.md").text == fields_page(), "run `make reference`"


@pytest.mark.parametrize("name", available())
def test_every_file_has_a_section_that_links_its_schema(name: str) -> None:
    assert f"](schemas/{name}.schema.json)" in page("docs/fields.md").text
    assert f"fields.md#{name}json" in page("docs/files.md").text
