"""Who may ask the viewer, and that it reads nothing outside of its folders."""

import os
from pathlib import Path

import pytest

from evaluator.viewer.guard import AccessRules
from tests.viewer.conftest import HERE, Viewed
from tests.viewer.pages import ids, row

TOKEN = "a token of some length"
TOLD = AccessRules(HERE.hosts, token=TOKEN)
ANYWHERE = AccessRules(HERE.hosts, any_address=True, token=TOKEN)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:8000"}, 200),
        ({"host": "LOCALHOST:8000"}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example:8000"}, 421),
        ({"host": "192.168.0.7:8000"}, 421),
        ({"host": "[::1"}, 421),
        ({"host": ""}, 421),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 403),
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_only_its_own_pages_may_ask(
    measured: Path, viewed: Viewed, headers: dict[str, str], status: int
) -> None:
    client = viewed(measured)
    run = ids(client)["base"]
    for address in ("/", "/leaderboard", f"/result/{run}", f"/samples/{run}/choices", "/static/x"):
        found = client.get(address, headers=headers).status_code
        assert found == (404 if status == 200 and address == "/static/x" else status)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_but_get_is_answered(measured: Path, viewed: Viewed, method: str) -> None:
    assert viewed(measured).request(method, "/").status_code == 405


def test_every_reply_forbids_what_is_not_its_own(measured: Path, viewed: Viewed) -> None:
    client = viewed(measured)
    run = ids(client)["base"]
    addresses = ["/", f"/result/{run}", f"/samples/{run}/choices", "/static/style.css", "/nowhere"]
    replies = [client.get(each) for each in addresses]
    replies += [client.post("/"), client.get("/", headers={"host": "evil.example"})]
    for each in replies:
        policy = each.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert each.headers["x-content-type-options"] == "nosniff"
    nonces = {each.headers["content-security-policy"] for each in replies}
    assert len(nonces) == len(replies)


def test_the_token_is_taken_once_and_becomes_a_cookie(measured: Path, viewed: Viewed) -> None:
    client = viewed(measured, rules=TOLD)
    assert client.get("/").status_code == 403
    assert client.get("/", params={"token": "another"}).status_code == 403
    assert client.get("/", params={"token": ""}).status_code == 403
    assert client.get("/static/style.css").status_code == 403

    first = client.get("/?text=arc&token=" + TOKEN, follow_redirects=False)
    assert (first.status_code, first.headers["location"]) == (303, "/?text=arc")
    assert {"HttpOnly", "SameSite=strict"} <= set(first.headers["set-cookie"].split("; "))
    assert client.get("/").status_code == 200
    client.cookies.clear()
    client.cookies.set("evaluator-viewer-8000", "another", domain="127.0.0.1")
    assert client.get("/").status_code == 403


@pytest.mark.parametrize("path", ["//evil.example/", "/%5Cevil.example/", "///evil.example"])
def test_the_token_leads_to_no_other_site(measured: Path, viewed: Viewed, path: str) -> None:
    client = viewed(measured, rules=TOLD)
    url = f"http://127.0.0.1:8000{path}?token={TOKEN}"
    there = client.get(url, follow_redirects=False).headers["location"]
    assert there.startswith("/")
    assert not there.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    ("host", "status"), [("192.168.0.7", 200), ("[fe80::1]:80", 200), ("evil.example", 421)]
)
def test_where_it_listens_everywhere_addresses_are_its_names(
    measured: Path, viewed: Viewed, host: str, status: int
) -> None:
    client = viewed(measured, rules=ANYWHERE)
    asked = client.get("/", params={"token": TOKEN}, headers={"host": host}, follow_redirects=False)
    assert asked.status_code == (303 if status == 200 else status)


# -- what lies outside


def test_links_that_lead_out_are_refused(runs: Path, viewed: Viewed) -> None:
    secret = runs.parent / "secret"
    secret.mkdir()
    (secret / "run.json").write_text('{"password": "hunter2"}')
    (runs / "away").symlink_to(secret)
    (runs / "near").mkdir()
    (runs / "near" / "run.json").symlink_to(secret / "run.json")
    (runs / "few" / "samples.jsonl").unlink()
    (runs / "few" / "samples.jsonl").symlink_to("/etc/passwd")
    client = viewed(runs)

    assert "away" not in ids(client)
    for name in ("near", "few"):
        assert "a link that leads out of the folder" in row(client, name)
        id = ids(client)[name]
        for address in (f"/result/{id}", f"/samples/{id}/find", f"/events/{id}", f"/live/{id}"):
            reply = client.get(address).text
            assert "leads out of the folder" in reply
            assert "hunter2" not in reply
            assert "root:" not in reply


def test_a_folder_that_becomes_a_link_is_refused(runs: Path, viewed: Viewed) -> None:
    client = viewed(runs)
    id = ids(client)["few"]
    (runs / "few").rename(runs.parent / "moved")
    (runs / "few").symlink_to(runs.parent / "moved")
    assert "is now a link" in client.get(f"/result/{id}").text


def test_a_link_within_the_folders_is_read(runs: Path, viewed: Viewed) -> None:
    (runs / "few" / "samples.jsonl").rename(runs / "kept.jsonl")
    (runs / "few" / "samples.jsonl").symlink_to(runs / "kept.jsonl")
    client = viewed(runs)
    assert client.get(f"/samples/{ids(client)['few']}/find").json()["found"] == 6


def test_a_pipe_is_not_waited_for(runs: Path, viewed: Viewed) -> None:
    (runs / "pipe").mkdir()
    os.mkfifo(runs / "pipe" / "run.json")
    assert "neither a file nor a folder" in row(viewed(runs), "pipe")


def test_a_page_that_lies_in_a_folder_is_not_shown(runs: Path, viewed: Viewed) -> None:
    folder = runs / "compare-base-tuned"
    (folder / "compare.html").write_text("<script>alert('of anybody')</script>")
    client = viewed(runs)
    page = client.get(f"/result/{ids(client)[folder.name]}")

    assert page.status_code == 200
    assert "of anybody" not in page.text
    assert "Compared with base" in page.text
