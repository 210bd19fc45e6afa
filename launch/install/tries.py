"""The attempts of an installation, and one line about those that failed. Nothing is run here.

vLLM for the CPU needs a build of torch (`+cpu`) that PyPI does not carry. First pip (or uv) is
asked as it is configured, since the user's index may have it; then with PyTorch's own index added.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..locale import N_, joined
from .environments import Environment
from .installers import Installer

LONGEST_REASON = 300
CONNECTION = re.compile(r"connection broken by '(.*)': ")
DETAIL = re.compile(r"(\[Errno -?\d+\] [^'\")]+|\w[\w ]*timed out)")
# what uv puts around a reason: frames, "cause:", the markers of a requirement, its conclusions
FRAME = re.compile(r"[×╰─▶│├]+|\{[^{}]*\}|^error:|\bcause:|,? we can conclude that.*")
HEADLINE = re.compile(r"^No solution found when resolving dependencies:? (?=.)")


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt. `title` describes it; `index` must answer before it is made."""

    title: str
    options: tuple[str, ...] = ()
    index: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    title: str
    reason: str


def tries(environment: Environment, installer: Installer, torch_index: str) -> list[Try]:
    first = Try(N_("as {installer} is configured", installer=installer.name))
    if not environment.needs_torch_index or not torch_index:
        return [first]
    second = Try(
        N_("with {index} added", index=without_password(torch_index)),
        tuple(installer.extra_index(torch_index)),
        torch_index,
    )
    return [first, second]


def reason(output: Sequence[str]) -> str:
    """Why pip or uv failed, taken from its standard error."""
    lines = [line.strip() for line in output if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    telling = [line for line in errors if not line.startswith("ResolutionImpossible")]
    if telling:
        found = telling[-1].split("; ")[0]
    else:
        starts = [i for i, line in enumerate(lines) if line.startswith(("×", "error:"))]
        found = " ".join(lines[starts[-1] :] if starts else lines[-1:])
        found = HEADLINE.sub("", " ".join(FRAME.sub("", found).split())) or "it said nothing"
    if broken := [match[1] for line in lines if (match := CONNECTION.search(line))]:
        detail = DETAIL.search(broken[-1])
        found += f" (an index did not answer: {detail[1] if detail else broken[-1]})"
    return found if len(found) <= LONGEST_REASON else f"{found[:LONGEST_REASON]} ..."


def refusal(
    environment: Environment, installer: Installer, torch_index: str, failures: Sequence[Failure]
) -> str:
    """One line: each attempt with its reason, and what to set."""
    told = joined("; ", (joined(": ", [each.title, each.reason]) for each in failures))
    setting = "PIP_INDEX_URL" if installer.name == "pip" else "UV_DEFAULT_INDEX"
    remedies: list[str] = [N_("{setting} names the index of all other packages", setting=setting)]
    if environment.needs_torch_index:
        named = N_("TORCH_INDEX names an index with PyTorch's CPU builds")
        if not torch_index:
            named = N_("TORCH_INDEX names an index with PyTorch's CPU builds (it is empty now)")
        remedies.insert(0, named)
    if environment.has_vllm:
        remedies.append(N_("ENDPOINT a server that runs already"))
    return N_(
        "{title} was not installed. {told}. {remedies}.",
        title=environment.title,
        told=told,
        remedies=joined(", ", remedies),
    )


def without_password(url: str) -> str:
    """The URL without user and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
