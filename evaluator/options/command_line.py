"""From settings back to the words that give them on a command line."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from evaluator.options.declared import Option, options_of
from evaluator.options.settings import Settings

NOT_GIVEN: tuple[object, ...] = (None, "", [], {})


def run_words(recorded: Mapping[str, Any]) -> list[str]:
    """What stands behind `evaluator run` for these settings, without what is the default."""
    return [word for option in options_of(Settings) for word in words(option, recorded)]


def words(option: Option, recorded: Mapping[str, Any]) -> Iterator[str]:
    """The words of one option; none where its value is the default."""
    value: Any = recorded.get(option.key)
    if value in NOT_GIVEN or value == option.field.get_default(call_default_factory=True):
        return
    if option.help.positional:
        yield from map(str, value)
    elif option.switch:
        yield option.flag if value else option.flag.replace("--", "--no-", 1)
    else:
        for text in texts(option, value):
            yield from (option.flag, text)


def texts(option: Option, value: Any) -> Sequence[str]:
    """The value as text, once for each time that the option is given."""
    if isinstance(value, Mapping) and option.several:
        return [f"{name}={text(each)}" for name, each in value.items()]
    return [text(each) for each in value] if isinstance(value, list) else [text(value)]


def text(value: Any) -> str:
    """A word as it is, and anything else as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
