"""Who judges a run: from the settings and the launched servers to judges, one a role."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluator.digest import content_digest
from evaluator.errors import UsageError
from evaluator.judging.panel import Panel
from evaluator.locale import N_
from evaluator.options.endpoints import ENDPOINTS_VARIABLE, launched, launched_key
from evaluator.options.settings import Settings
from evaluator.options.values import key_in
from evaluator.types import Benchmark

SELF = "self"  # the model is its own judge
GIVE_A_JUDGE = N_(
    "give --judge-model NAME --judge-base-url URL, or --judge-model self, "
    "or start one with `python -m launch with --role judge`"
)
NEEDED = N_("needs a judge: {advice}", advice=GIVE_A_JUDGE)


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge; without `urls` it is reached where the model is."""

    role: str
    model: str
    urls: Sequence[str] = ()
    api_key_env: str = ""

    @property
    def api_key(self) -> str:
        """The key itself, which stays out of every file."""
        return key_in(self.api_key_env, "--judge-api-key-env")


def judges(settings: Settings) -> list[Judge]:
    """The judges in the order given, or the one that was launched; empty where there is none.

    Raises UsageError where models, URLs and keys do not go together.
    """
    names = settings.judge.model or _launched_judge(settings)
    if not names:
        if settings.judge.base_url:
            raise UsageError(
                N_("--judge-base-url without --judge-model: name the model to ask there")
            )
        return []
    if len(set(names)) < len(names):
        raise UsageError(N_("--judge-model: {names} names a judge twice", names=", ".join(names)))
    hosted = [name for name in names if name != SELF]
    urls = dict(zip(hosted, shared(settings.judge.base_url, hosted), strict=True))
    keys = dict(zip(hosted, one_each(settings.judge.api_key_env, hosted), strict=True))
    return [
        Judge(role(i), settings.model)
        if name == SELF
        else _judge(settings, role(i), name, urls[name], keys[name])
        for i, name in enumerate(names)
    ]


def _judge(settings: Settings, role: str, name: str, urls: Sequence[str], key: str) -> Judge:
    if urls:
        return Judge(role, name, urls, key)
    return Judge(role, name, _launched_urls(settings, name), key or launched_key(name, "judge"))


def role(number: int) -> str:
    """judge, judge-2, judge-3, ..."""
    return f"judge-{number + 1}" if number else "judge"


def shared(urls: Sequence[str], names: Sequence[str]) -> list[Sequence[str]]:
    """The URLs of each judge: all for a single one, else one for all or one each."""
    if len(names) < 2:
        return [urls] * len(names)
    return [[url] if url else [] for url in one_each(urls, names, "--judge-base-url")]


def one_each(
    values: Sequence[str], names: Sequence[str], option: str = "--judge-api-key-env"
) -> Sequence[str]:
    """A value for each name: the same for all where there is one.  Raises UsageError."""
    if len(values) < 2:
        return [values[0] if values else ""] * len(names)
    if len(values) != len(names):
        raise UsageError(
            N_(
                "{count} {count:judge|judges} ({names}) and {values} x {option}: give it once for "
                "all, or once for each in their order",
                count=len(names),
                names=", ".join(names),
                values=len(values),
                option=option,
            )
        )
    return values


def _launched_judge(settings: Settings) -> list[str]:
    if settings.judge.base_url or not os.environ.get(ENDPOINTS_VARIABLE):
        return []
    try:
        found: str = launched(None, "judge")["model"]
    except UsageError:
        return []  # other roles only
    return [found]


def _launched_urls(settings: Settings, name: str) -> Sequence[str]:
    if settings.replay:
        return ()
    if not os.environ.get(ENDPOINTS_VARIABLE):
        raise UsageError(N_("where is the judge {name!r}? give --judge-base-url URL", name=name))
    urls: list[str] = launched(name, "judge")["base_url"]
    return urls


def judging(settings: Settings, benchmark: Benchmark) -> Panel:
    """How the run judges the benchmark's answers.  Raises UsageError where nobody can."""
    chosen = judges(settings)
    if not chosen:
        raise UsageError(N_("{name} {needed}", name=benchmark.name, needed=NEEDED))
    text = read_prompt(settings.judge.prompt) if settings.judge.prompt else ""
    mark = content_digest(text, 4)
    return Panel(
        {judge.role: judge.model for judge in chosen},
        text,
        f"{settings.judge.prompt} ({mark})" if text else "",
        settings.judge.pooled,
        any(judge.model == settings.model for judge in chosen),
    )


def read_prompt(path: Path) -> str:
    """The user's judge prompt."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            N_("--judge-prompt: cannot read {path!r}: {error}", path=str(path), error=error)
        ) from error
