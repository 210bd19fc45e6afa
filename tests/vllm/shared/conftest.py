"""One server of the demo model, for the tests that need no flags and no start of their own."""

from collections.abc import Iterator

import pytest

from tests.vllm.serving import Environment, served


@pytest.fixture(scope="package")
def beside_demo(settings: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """The environment of a COMMAND beside it. It ends after the last test of the folder."""
    with served("demo", tmp_path_factory.mktemp("demo") / "log") as environment:
        yield environment
