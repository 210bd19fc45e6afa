"""Values of options: read from words and files, and what is said of one that cannot be."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from yarl import URL

from evaluator.client.urls import without_password
from evaluator.errors import UsageError
from evaluator.locale import N_

# A path of several parts, or a name with an ending; a switch such as /no_think is a prompt.
FILE_NAME = re.compile(r"(~|\.\.?)/\S*|/[^\s/]+/\S*|[!-.0-~]+/[!-~]*|\S+\.[A-Za-z][A-Za-z0-9]{0,7}")
PLAIN_NAMES = re.compile(r"[\w-]+(,[\w-]*)+")  # several names of benchmarks in one word
# Pages of the API, the longest first: what people copy in place of the base URL.
PATHS = ("/chat/completions", "/completions", "/responses", "/embeddings")


def pairs(value: object, option: str = "--param") -> object:
    """KEY=VALUE words as sampling fields."""
    if isinstance(value, list | tuple):
        return dict(parameter(pair, option) for pair in value)
    return value


def parameter(pair: str, option: str) -> tuple[str, Any]:
    """KEY=VALUE as a sampling field; the value is JSON where it reads as JSON, else text."""
    key, equals, value = pair.partition("=")
    if not equals or not key:
        raise UsageError(
            N_(
                "{option} {pair!r} is not KEY=VALUE, such as temperature=0.7",
                option=option,
                pair=pair,
            )
        )
    try:
        return key, orjson.loads(value)
    except orjson.JSONDecodeError:
        return key, value


def urls(option: str, given: list[str]) -> list[str]:
    """Each of them one that can be asked.  Raises UsageError."""
    for url in given:
        if not is_url(url):
            raise UsageError(
                N_(
                    "{option}: {url!r} is not a URL such as http://host:8000/v1",
                    option=option,
                    url=without_password(url),
                )
            )
        if base := base_of(url):
            raise UsageError(
                N_(
                    "{option}: {url!r} is one page of the API, which is added to its base URL; "
                    "did you mean {base!r}?",
                    option=option,
                    url=without_password(url),
                    base=without_password(base),
                )
            )
    return given


def is_url(url: str) -> bool:
    """Whether a text is the URL of a server."""
    try:
        return url.startswith(("http://", "https://")) and bool(URL(url).host)
    except ValueError:
        return False


def base_of(url: str) -> str:
    """The base URL of what is the URL of one page of the API; empty where it is none."""
    whole = url.rstrip("/")
    if whole.endswith("/v1/models"):  # elsewhere a provider's base URL may end so
        return whole.removesuffix("/models")
    return next((whole.removesuffix(path) for path in PATHS if whole.endswith(path)), "")


def read_text(path: Path, option: str) -> str:
    """A file's text.  Raises UsageError."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            N_(
                "{option}: cannot read {path!r}: {error}",
                option=option,
                path=str(path),
                error=error,
            )
        ) from error


def text_or_file(value: str, name: str) -> str:
    """A text, or that of the file which it names.  Raises UsageError for a file that is not there.

    A single word with a file's ending or a folder in it is a name, as a prompt is not.
    """
    if is_file(value):
        return read_text(Path(value).expanduser(), name)
    if FILE_NAME.fullmatch(value):
        raise UsageError(
            N_(
                "{name}: there is no file {value!r}; a prompt of one word that looks like a "
                "file's name needs a space in it",
                name=name,
                value=value,
            )
        )
    return value


def is_file(value: str) -> bool:
    """Whether a text is the name of a file rather than a text of its own."""
    try:
        return "\n" not in value and Path(value).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):  # longer than a name can be
        return False


def key_in(variable: str, option: str) -> str:
    """The API key in an environment variable; none where no variable is named."""
    if not variable:
        return ""
    if key := os.environ.get(variable):
        return key
    raise UsageError(
        N_("{option}: the variable {variable!r} is not set", option=option, variable=variable)
    )


def option(key: str) -> str:
    """The option of a key."""
    return f"--{key.replace('_', '-')}"


def as_list(value: object) -> object:
    """A single value as a list of one."""
    return [value] if isinstance(value, str | Path) else value


def names(value: object) -> object:
    """Names of benchmarks, where `gsm8k,arc` is two; the name of a file may hold a comma."""
    listed = as_list(value)
    if not isinstance(listed, list | tuple) or not all(isinstance(each, str) for each in listed):
        return listed
    parts = [each.split(",") if PLAIN_NAMES.fullmatch(each) else [each] for each in listed]
    return [name for each in parts for name in each if name]


def one_each(keys: Sequence[str], urls: Sequence[str]) -> list[str]:
    """The key of each URL: its own, or the one there is.  Raises UsageError for another number."""
    if len(keys) not in (1, len(urls)):
        raise UsageError(
            N_(
                "{keys} x --api-key-env for {urls} x --base-url: give it once for all, or once "
                "for each in their order",
                keys=len(keys),
                urls=len(urls),
            )
        )
    return [*keys] if len(keys) == len(urls) else [*keys] * len(urls)
