"""Settings and times in words for people: no list or table in Python's or JSON's signs."""

from collections.abc import Callable, Mapping

from evaluator.locale import N_


def in_words(value: object, text: Callable[[str], str] = str) -> str:
    """A value of a setting; `text` writes what is a text, such as `repr` for one in quotes."""
    if value is None:
        return N_("not given")
    if isinstance(value, bool):
        return N_("on") if value else N_("off")
    if isinstance(value, Mapping):
        pairs = (f"{name} = {in_words(each, text)}" for name, each in value.items())
        return ", ".join(pairs) or N_("none")
    if isinstance(value, list | tuple):
        return ", ".join(in_words(each, text) for each in value) or N_("none")
    return text(value) if isinstance(value, str) else str(value)


def at_minute(time: str) -> str:
    """A time of ISO 8601 as people read it, to the minute."""
    zone = time[19:].replace("+00:00", "UTC")
    return f"{time[:16].replace('T', ' ')} {zone}".rstrip()
