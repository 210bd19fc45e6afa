"""Ratings that a judge gives line by line, or in a Markdown table, instead of in a dict.

    - 事实正确性：9分            | 事实正确性 | 综合得分 |
    - 综合得分：7分              |-----------|---------|
                                | 9         | 7       |

They are read only where nothing is in doubt: exactly the names asked for, each rated once.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

RATING = r"(?:[1-9](?:\.[05]0?)?|10(?:\.00?)?)\s?(?:/\s?10(?:\.0)?|分)?"

_LINE = re.compile(
    rf"^(?P<lead>[ \t]*(?:[-*•#|]{{1,4}}[ \t]*|\d{{1,2}}[.)、][ \t]*)?[ \t*\"'`“‘|]{{0,6}})"
    r"(?P<name>[^\s:：|=*\"'`”’{}\d][^\n:：|=*\"'`”’{}\d]{0,24}?)"
    r"[*\"'`”’ \t]{0,4}[:：|=][ \t*\"'`“‘]{0,4}"
    rf"(?P<rating>{RATING})(?P<rest>[*\"'`”’ \t]{{0,4}}(?:$|[|,，。;；.(（][^\n]{{0,400}}))",
    re.MULTILINE,
)
_SEPARATOR = re.compile(r"[\s|:*-]*")
_ROWS = re.compile(
    r"^[ \t]*\|(?P<names>[^\n]{1,400})\|[ \t]*\n[ \t]*\|[ \t:|-]{3,200}\|[ \t]*\n"
    r"[ \t]*\|(?P<ratings>[^\n]{1,400})\|[ \t]*$",
    re.MULTILINE,
)
_RATED = re.compile("的?(?:得分|评分|分数)$")
_END = re.compile(r"[\s/分]")
_MARKUP = re.compile(r"[\s*\"'`“”‘’]")


@dataclass(frozen=True, slots=True)
class Rated:
    """Ratings by name, and where in the text they stand."""

    span: tuple[int, int]
    ratings: Mapping[str, float]


def rated_lines(text: str, names: Collection[str]) -> Iterator[Rated]:
    """Every block of lines, and every table, that rates exactly these names."""
    for block in _blocks(text, names):
        yield from _complete(
            (block[0].start("name"), block[-1].end()),
            [(line["name"], line["rating"]) for line in block],
            names,
        )
    for table in _ROWS.finditer(text):
        titles, cells = (
            [_MARKUP.sub("", cell) for cell in table[part].split("|")]
            for part in ("names", "ratings")
        )
        if len(titles) == len(cells) and all(re.fullmatch(RATING, cell) for cell in cells):
            yield from _complete(table.span(), [*zip(titles, cells, strict=True)], names)


def _blocks(text: str, names: Collection[str]) -> Iterator[list[re.Match[str]]]:
    """Rated lines with nothing between them but blank lines and those of a table."""
    block: list[re.Match[str]] = []
    for line in _LINE.finditer(text):
        name = _name(line["name"], names)
        sentence = name not in names and any(each in name for each in names)
        between = block[-1].end() if block else 0
        if block and (sentence or not _SEPARATOR.fullmatch(text, between, line.start())):
            yield block
            block = []
        if not sentence:
            block.append(line)
    if block:
        yield block


def _name(written: str, names: Collection[str]) -> str:
    written = written.strip()
    return written if written in names else _RATED.sub("", written)


def _complete(
    span: tuple[int, int], given: Sequence[tuple[str, str]], names: Collection[str]
) -> Iterator[Rated]:
    found = {_name(name, names): float(_END.split(rating)[0]) for name, rating in given}
    if len(found) == len(given) and found.keys() == set(names):
        yield Rated(span, {name: found[name] for name in names})


def unrated(text: str, names: Collection[str]) -> str:
    """The text with the ratings of such lines in parentheses, so that they are none."""
    kept, end = list[str](), 0
    for found in _LINE.finditer(text):
        if _name(found["name"], names) in names:
            start, stop = found.span("rating")
            kept += [text[end:start], f"({text[start:stop]})"]
            end = stop
    text = "".join([*kept, text[end:]])
    return _ROWS.sub(lambda table: _unrated_row(table, names), text)


def _unrated_row(table: re.Match[str], names: Collection[str]) -> str:
    titles = (_MARKUP.sub("", cell) for cell in table["names"].split("|"))
    if not any(title in names for title in titles):
        return table[0]
    row = re.sub(r"[\d.]+", r"(\g<0>)", table["ratings"])
    return table[0][: table.start("ratings") - table.start()] + row + "|"
