"""Files as people have them: endings, encodings, compression, and what is said of a bad one."""

import gzip
from pathlib import Path

import orjson
import pytest

from evaluator.data import read_file, read_jsonl
from evaluator.errors import DataError

ROWS = [{"question": "法国的首都是哪里？", "answer": "巴黎"}, {"question": "2 + 2", "answer": "4"}]
LINES = b"\n".join(map(orjson.dumps, ROWS))
TABLE = "question,answer\n法国的首都是哪里？,巴黎\n2 + 2,4\n"
TABS = TABLE.replace(",", "\t")
BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.jsonl", LINES),
        ("f.jsonl", BOM + LINES),
        ("f.jsonl", LINES.replace(b"\n", b"\r\n\r\n")),
        ("f.jsonl", LINES.decode().encode("utf-16")),
        ("f.jsonl.gz", gzip.compress(LINES, mtime=0)),
        ("f.JSONL", LINES),
        ("f.json", orjson.dumps(ROWS)),
        ("f.json", BOM + orjson.dumps(ROWS, option=orjson.OPT_INDENT_2)),
        ("f.json", orjson.dumps({"version": 2, "data": ROWS})),
        ("f.json", orjson.dumps({"examples": ROWS})),
        ("f.json", LINES),
        ("f.json.gz", gzip.compress(orjson.dumps(ROWS), mtime=0)),
        ("f.csv", TABLE.encode()),
        ("f.csv", TABLE.encode("utf-8-sig")),
        ("f.csv", TABLE.encode("utf-16")),
        ("f.csv.gz", gzip.compress(TABLE.encode(), mtime=0)),
        ("f.tsv", TABS.encode()),
        ("f.tsv.gz", gzip.compress(TABS.encode("utf-8-sig"), mtime=0)),
    ],
)
def test_rows_are_the_same_however_they_are_written(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)

    assert [row for _, row in read_file(tmp_path / name)] == ROWS


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-16-le"])
@pytest.mark.parametrize(
    ("name", "text"), [("f.csv", TABLE), ("f.jsonl", LINES.decode()), ("f.json", LINES.decode())]
)
def test_a_named_encoding_is_used_where_the_file_is_not_utf_8(
    tmp_path: Path, name: str, text: str, encoding: str
) -> None:
    for written in (encoding, "utf-8"):
        (tmp_path / name).write_bytes(text.encode(written))

        assert [row for _, row in read_file(tmp_path / name, encoding=encoding)] == ROWS


@pytest.mark.parametrize(
    ("text", "encoding", "likely"),
    [
        (TABLE, "gbk", "gbk"),
        (TABLE * 2_000, "gbk", "gbk"),
        ('{"question": "首都？", "answer": "北京"}', "gbk", "gbk"),
        ("question,answer\n台灣最高的山是什麼山,玉山\n", "big5", "big5"),
        ("question,answer\n日本の首都はどこですか,東京\n", "shift_jis", "shift_jis"),
        ("question,answer\nOù est le café près de l'église?,à côté\n", "cp1252", "cp1252"),
    ],
)
def test_the_likely_encoding_is_named(
    tmp_path: Path, text: str, encoding: str, likely: str
) -> None:
    name = "f.jsonl" if text.startswith("{") else "f.csv"
    (tmp_path / name).write_bytes(text.encode(encoding))

    with pytest.raises(DataError, match=rf"{name}.*probably {likely}; .*--encoding {likely}$"):
        list(read_file(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("f.csv", b"question,A,A\nx,y,z\n", r"f\.csv:1: the column 'A' is there twice"),
        ("f.csv", b'question,answer\na,b\nc,"d\ne,f\n', r"f\.csv:3: a quotation mark never closes"),
        ("f.jsonl.gz", gzip.compress(LINES, mtime=0)[:-12], "not a readable gzip file"),
        ("f.jsonl.gz", LINES, "not a readable gzip file"),
        ("f.json", b'[{"a": 1},\n {"a"}]', r"f\.json: not valid JSON: .*line 2"),
        ("f.json", LINES + b'\n{"a"', r"f\.json:3: not valid JSON"),
        ("f.jsonl", LINES + b'\n{"a"', r"f\.jsonl:3: not valid JSON"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError, match=complaint):
        list(read_file(tmp_path / name))


def test_an_encoding_that_does_not_fit_is_no_reading(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(TABLE.encode("gbk"))

    with pytest.raises(DataError, match=r"f\.csv: not ascii either"):
        list(read_file(tmp_path / "f.csv", encoding="ascii"))


def test_json_lines_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_bytes(BOM + LINES)

    assert [row for _, row in read_jsonl(tmp_path / "f.txt")] == ROWS
