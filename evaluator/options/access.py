"""Options of how an endpoint is reached: certificate authorities, and headers of the user's own."""

import os
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator
from yarl import URL

from evaluator.client.access import Access, trust
from evaluator.client.urls import without_password
from evaluator.errors import UsageError
from evaluator.locale import N_
from evaluator.options.declared import Help, OptionGroup
from evaluator.options.values import option

NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # of a header, by RFC 9110
VALUE = re.compile(r"[\t -~]*")
FLAGS = ("--header", "--judge-header")
# A header whose name says that its value is a secret, which --header-env would have kept.
SECRET = re.compile(
    r"^((?:--[a-z-]+=)?[^=]*(?:auth|key|token|secret|cookie)[^=]*=).*", re.IGNORECASE
)
OURS = ("connection", "content-encoding", "content-length", "content-type", "transfer-encoding")


class AccessOptions(OptionGroup):
    """How an endpoint is reached, beside its URL and key."""

    panel = "Server"

    ca_file: Annotated[
        Path | None,
        Help(
            "Certificates in PEM form of an authority to trust beside those of the system, "
            "for https://.",
            "FILE",
        ),
    ] = None
    header: Annotated[
        dict[str, str],
        Help("Header sent with each request; repeat it for more.", "NAME=VALUE"),
    ] = {}
    header_env: Annotated[
        dict[str, str],
        Help(
            "Header whose value is a secret, by the environment variable that holds it; repeat "
            "it for more.",
            "NAME=VARIABLE",
        ),
    ] = {}

    @field_validator("ca_file")
    @classmethod
    def _trusted(cls, file: Path | None, about: ValidationInfo) -> Path | None:
        if file is None:
            return None
        try:
            trust(file)
        except UsageError as error:
            raise UsageError(
                N_("{option}: {error}", option=cls.option_of(about), error=error.message)
            ) from None
        return file.resolve()

    @field_validator("header", "header_env", mode="before")
    @classmethod
    def _named(cls, value: object, about: ValidationInfo) -> object:
        return named(value, cls.option_of(about))

    @property
    def access(self) -> Access:
        """All of it.  Raises UsageError where a variable is not set."""
        flag = option(f"{self.prefix}header_env")
        secret = {name: secret_in(name, of, flag) for name, of in self.header_env.items()}
        every = {name.lower(): (name, of) for name, of in (self.header | secret).items()}
        return Access(self.ca_file, dict(every.values()), tuple(secret.values()))


def without_effect(of: AccessOptions, urls: Sequence[str], given: Container[str]) -> Iterator[str]:
    """Of the options `given`, those that change nothing at these URLs."""
    key, file = f"{of.prefix}api_key_env", f"{of.prefix}ca_file"
    own = {name.lower() for name in (*of.header, *of.header_env)}
    if key in given and urls and all(URL(url).user for url in urls):
        yield N_(
            "{option}: the URL holds a user and password, which are sent instead",
            option=option(key),
        )
    elif key in given and own & {"authorization", "api-key"}:
        yield N_("{option}: a header of your own with a key is sent instead", option=option(key))
    if file in given and urls and not any(URL(url).scheme == "https" for url in urls):
        yield N_("{option}: only an https:// URL shows a certificate", option=option(file))


def named(value: object, option: str) -> Mapping[str, str]:
    """NAME=VALUE words, or a table, as headers.  Raises UsageError, which tells no value."""
    words = [value] if isinstance(value, str) else value
    if isinstance(words, list | tuple):
        words = dict(pair(str(word), option) for word in words)
    if not isinstance(words, Mapping):
        raise UsageError(
            N_("{option}: give NAME=VALUE, or a table of names and values", option=option)
        )
    return {name: checked(str(name), text, option) for name, text in words.items()}


def pair(word: str, option: str) -> tuple[str, str]:
    """Name and value of one word."""
    name, equals, value = word.partition("=")
    if equals and NAME.fullmatch(name):
        return name, value
    told = f"{word.partition(':')[0]!r}: ..." if ":" in word else "a word"
    raise UsageError(
        N_("{option}: {told} is not NAME=VALUE, such as X-Tenant=blue", option=option, told=told)
    )


def checked(name: str, value: Any, option: str) -> str:
    """The value, where name and value can be a header's."""
    if not NAME.fullmatch(name) or name.lower() in OURS:
        raise UsageError(
            N_("{option}: {name!r} is no header that can be given", option=option, name=name)
        )
    if not isinstance(value, str) or not VALUE.fullmatch(value):
        raise UsageError(
            N_(
                "{option}: the value of {name!r} is not a line of ASCII text",
                option=option,
                name=name,
            )
        )
    return value.strip()


def secret_in(name: str, variable: str, option: str) -> str:
    """The value of a header, from its variable."""
    value = os.environ.get(variable)
    if not value:
        raise UsageError(
            N_(
                "{option}: the variable {variable!r} for {name!r} is not set",
                option=option,
                variable=variable,
                name=name,
            )
        )
    return checked(name, value.strip(), option)


def without_secrets(words: Sequence[str]) -> Iterator[str]:
    """The words of a command as they may be shown: a log may hold what is on the screen."""
    for before, word in pairwise(["", *words]):
        if before in FLAGS or word.partition("=")[0] in FLAGS:
            word = SECRET.sub(r"\1***", word)
        yield without_password(word)
