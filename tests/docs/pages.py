"""README and the pages of docs/, as their tests read them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GENERATED = {"options.md", "fields.md"}  # made by a program, so not held to a length


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its path and its text."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """The path from the root of the project."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def chinese(self) -> bool:
        """Whether it is the Chinese form of a page, which its English form names `NAME.md`."""
        return self.name.endswith((".zh.md", ".zh-CN.md"))

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return re.sub(r"^```.*?^```$", "", self.text, flags=re.DOTALL | re.MULTILINE)

    @property
    def anchors(self) -> set[str]:
        """What a link to a heading of this page may end in, as GitHub makes it."""
        headings = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in headings}

    def blocks(self, language: str) -> list[str]:
        """The code blocks of one language."""
        return re.findall(rf"^```{language}\n(.*?)^```$", self.text, re.DOTALL | re.MULTILINE)


def _pages() -> list[Page]:
    paths = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [Page(path, path.read_text(encoding="utf-8")) for path in paths]


PAGES = _pages()


def page(name: str) -> Page:
    """The page of that name, as `docs/judge.md`."""
    return next(each for each in PAGES if each.name == name)


def commands(block: str) -> list[str]:
    """The lines of a block of commands; a line that ends in a backslash goes on in the next."""
    return [line for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def make_variables() -> set[str]:
    """The variables that a user may give to make: those with a default, and those handed on."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    defaults, _, _ = makefile.partition("SERVER_VARIABLES =")
    handed_on = " ".join(re.findall(r"^[A-Z]+_VARIABLES = (.*)$", makefile, re.MULTILINE))
    return {
        *re.findall(r"^([A-Z_0-9]+)\s*\??=", defaults, re.MULTILINE),
        *re.findall(r"(?<!\()\b[A-Z_0-9]+\b(?!\))", handed_on),
    }
