"""What the value of an option must be, in words, from the type that its field declares."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt

from evaluator.locale import N_, joined

NAMES = {
    int: N_("a whole number"),
    float: N_("a number"),
    str: N_("text"),
    Path: N_("a path"),
    bool: N_("on or off"),
}


def kind(annotation: Any, bounds: Iterable[object] = ()) -> str:
    """The words for a type: "a whole number of 1 or more, or auto"."""
    words = list(dict.fromkeys(alternatives(annotation, tuple(bounds))))
    if len(words) < 2:
        return words[0] if words else ""
    first, last = joined(", ", words[:-1]), words[-1]
    if any(" " in word for word in words):
        return N_("{first}, or {last}", first=first, last=last)
    return N_("{first} or {last}", first=first, last=last)


def alternatives(annotation: Any, bounds: tuple[object, ...] = ()) -> Iterator[str]:
    """The words for each type that the value may have."""
    origin, of = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from alternatives(of[0], (*of[1:], *bounds))
    elif origin in (Union, UnionType):
        for each in of:
            if each is not NoneType:
                yield from alternatives(each, bounds)
    elif origin is Literal:
        yield from map(str, of)
    elif origin in (list, tuple):
        yield N_("a list of {values}", values=plural(of[0]))
    elif origin is dict:
        yield N_("a table")
    else:
        name, within = NAMES.get(annotation, NAMES[str]), limits(bounds)
        yield N_("{name} {limits}", name=name, limits=within) if within else name


def plural(annotation: Any) -> str:
    """What a list holds."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    names = {Path: N_("paths"), int: N_("whole numbers"), float: N_("numbers")}
    return names.get(annotation, N_("texts"))


def limits(bounds: Iterable[object]) -> str:
    """From where and to where a number may go."""
    words = []
    for bound in bounds:
        match bound:
            case Ge(ge):
                words.append(N_("of {n} or more", n=ge))
            case Gt(gt):
                words.append(N_("above {n}", n=gt))
            case Le(le):
                words.append(N_("of at most {n}", n=f"{le:g}" if isinstance(le, float) else le))
            case Lt(lt):
                words.append(N_("below {n}", n=lt))
    if len(words) < 2:
        return words[0] if words else ""
    return N_("{low} and {high}", low=words[0], high=words[-1])


def choices(annotation: Any) -> list[str]:
    """The words that a value may be, where it is one of some."""
    if get_origin(annotation) is Literal:
        return list(map(str, get_args(annotation)))
    return [word for each in get_args(annotation) for word in choices(each)]


def is_switch(annotation: Any) -> bool:
    """Whether the type is that of something on or off."""
    return annotation is bool or set(get_args(annotation)) == {bool, NoneType}


def is_list(annotation: Any) -> bool:
    """Whether the type is that of several values."""
    if get_origin(annotation) in (Annotated, Union, UnionType):
        return any(map(is_list, get_args(annotation)))
    return get_origin(annotation) in (list, tuple)


def is_path(annotation: Any) -> bool:
    """Whether the type is that of a path, or of several."""
    return annotation is Path or any(map(is_path, get_args(annotation)))
