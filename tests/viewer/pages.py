"""What tests read in the viewer's pages."""

import re

from starlette.testclient import TestClient


def ids(client: TestClient) -> dict[str, str]:
    """The ids of the results by the names of their folders, as the list has them."""
    rows = re.findall(r'data-id="([0-9a-f]+)" data-name="([^"]+)"', client.get("/").text)
    return {name: id for id, name in rows}


def row(client: TestClient, name: str) -> str:
    """The row of one result in the list, as HTML."""
    (found,) = re.findall(rf'<tr [^>]*data-name="{name}".*?</tr>', client.get("/").text, re.DOTALL)
    return str(found)
