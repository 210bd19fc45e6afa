"""What the simulated tools do. Small fixed tables stand for the world; nothing is executed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from evaluator.agents.calls import Arguments
from evaluator.agents.values import contains, moment, place, plain, tight, unit
from evaluator.extract.formulas import value as formula_value
from evaluator.types import Fields

TODAY = date(2026, 3, 4)  # a Wednesday
WEATHER = {  # degrees today, one more each day; the sky
    "beijing": (12, "晴", "sunny"),
    "shanghai": (16, "多云", "cloudy"),
    "guangzhou": (24, "中雨", "rain"),
    "shenzhen": (25, "多云", "cloudy"),
    "hangzhou": (15, "小雨", "light rain"),
    "chengdu": (14, "阴", "overcast"),
    "harbin": (-8, "雪", "snow"),
    "nanjing": (13, "晴", "sunny"),
    "wuhan": (11, "雾", "fog"),
    "xian": (10, "晴", "sunny"),
}
TRAINS = {
    ("beijing", "shanghai"): [("G1", "07:00", "11:29", 553), ("G17", "15:00", "19:34", 553)],
    ("shanghai", "hangzhou"): [("G7501", "08:05", "08:50", 73), ("G7311", "18:10", "19:02", 73)],
    ("guangzhou", "shenzhen"): [("C7001", "09:00", "09:36", 75)],
    ("nanjing", "wuhan"): [("D3001", "10:20", "13:25", 198)],
    ("chengdu", "xian"): [("G2204", "08:40", "12:18", 263)],
}
CNY = {"CNY": 1.0, "USD": 7.2, "EUR": 7.8, "JPY": 0.05, "GBP": 9.0, "HKD": 0.9}
KILOMETRES = {
    frozenset({"people's square", "pudong airport"}): 45.0,
    frozenset({"people's square", "the bund"}): 2.0,
    frozenset({"summer palace", "forbidden city"}): 18.0,
    frozenset({"capital airport", "forbidden city"}): 30.0,
}
SPEED = {"walking": 5, "driving": 40, "transit": 30}  # km an hour
FACTORS = {"km": 1000.0, "m": 1.0, "mi": 1609.344, "ft": 0.3048}
FACTORS |= {"kg": 1.0, "lb": 0.45359237, "l": 1.0, "gal": 3.785411784}
LIKE = ({"km", "m", "mi", "ft"}, {"kg", "lb"}, {"l", "gal"})
CONTACTS = {
    "li.na@example.com": ("李娜", "Li Na"),
    "wang.wei@example.com": ("王伟", "Wang Wei"),
    "chen.jie@example.com": ("陈洁", "Chen Jie"),
}
PHRASES = {  # by the language asked for: what is translated, and into what
    "en": {"早上好": "Good morning", "会议改到周五": "The meeting is moved to Friday"},
    "zh": {"good morning": "早上好", "the meeting is moved to friday": "会议改到周五"},
    "ja": {"谢谢": "ありがとう", "thank you": "ありがとう"},
    "fr": {"谢谢": "merci", "thank you": "merci"},
}
FACTS = (  # words of a query; what is found
    ((("珠穆朗玛", "珠峰", "everest"),), "8848.86 m (2020)"),
    ((("黄河", "yellow river"),), "5464 km"),
    ((("故宫", "forbidden city"), ("门票", "票价", "ticket")), "60 CNY (April-October)"),
    ((("三体", "three-body", "three body"),), "Liu Cixin 刘慈欣 (2008)"),
)
_ARITHMETIC = re.compile(r"[\d\s.+\-*/^()%]{1,200}")


class ToolFailure(Exception):
    """What a tool answers in place of a result."""


@dataclass(slots=True)
class World:
    """What the tools know and change."""

    language: str = "zh"
    events: list[Fields] = field(default_factory=list)
    tickets: list[Fields] = field(default_factory=list)
    mails: list[Fields] = field(default_factory=list)
    notes: list[Fields] = field(default_factory=list)
    images: list[Fields] = field(default_factory=list)


def get_weather(world: World, given: Arguments) -> Any:
    """The weather of a day; a week ahead is known."""
    if (known := WEATHER.get(place(given["city"]))) is None:
        raise ToolFailure(f"no such city: {given['city'][:80]}")
    day = moment(given.get("date") or TODAY.isoformat())
    try:
        ahead = (date.fromisoformat(day) - TODAY).days
    except ValueError:
        raise ToolFailure(f"date must be YYYY-MM-DD, not {day[:80]}") from None
    if not 0 <= ahead <= 7:
        raise ToolFailure("the forecast covers today and the next seven days")
    degrees, *sky = known
    return {
        "city": given["city"],
        "date": day,
        "sky": sky[world.language == "en"],
        "degrees": degrees + ahead,
    }


def generate_image(world: World, given: Arguments) -> Any:
    """A picture, by its address."""
    world.images.append({"prompt": given["prompt"], "size": given.get("size", "1024x1024")})
    return {"url": f"https://images.example/{len(world.images)}.png"}


def add_event(world: World, given: Arguments) -> Any:
    """A new event."""
    event = {"title": given["title"], "start": moment(given["start"])}
    world.events.append(event | {"minutes": given.get("minutes", 60)})
    return {"added": world.events[-1]}


def list_events(world: World, given: Arguments) -> Any:
    """The events of a day."""
    day = moment(given["date"])
    return {"events": [each for each in world.events if each["start"].startswith(day)]}


def search_trains(world: World, given: Arguments) -> Any:
    """The trains of a day."""
    found = TRAINS.get((place(given["origin"]), place(given["destination"])), [])
    names = ("train", "departs", "arrives", "second_class_cny")
    return {
        "date": moment(given["date"]),
        "trains": [dict(zip(names, t, strict=True)) for t in found],
    }


def book_train(world: World, given: Arguments) -> Any:
    """A ticket."""
    wanted = plain(given["train"]).upper()
    if not any(train[0] == wanted for trains in TRAINS.values() for train in trains):
        raise ToolFailure(f"no such train: {given['train'][:80]}")
    ticket = {"train": wanted, "date": moment(given["date"]), "passenger": given["passenger"]}
    world.tickets.append(ticket)
    return {"booked": ticket, "number": f"E{100 + len(world.tickets)}"}


def convert_currency(world: World, given: Arguments) -> Any:
    """An amount in another currency."""
    rate = CNY[given["source"]] / CNY[given["target"]]
    return {"amount": round(given["amount"] * rate, 2), "currency": given["target"]}


def find_route(world: World, given: Arguments) -> Any:
    """Distance and time between two places."""
    ends = frozenset({place(given["origin"]), place(given["destination"])})
    if (distance := KILOMETRES.get(ends)) is None:
        raise ToolFailure("no route between these places")
    minutes = round(distance / SPEED[given["mode"]] * 60)
    return {"kilometres": distance, "minutes": minutes}


def send_mail(world: World, given: Arguments) -> Any:
    """A mail that is sent."""
    if "@" not in given["to"]:
        raise ToolFailure(f"not an address: {given['to'][:80]}; find_contact knows addresses")
    world.mails.append(dict(given))
    return {"sent_to": given["to"]}


def find_contact(world: World, given: Arguments) -> Any:
    """The address of a person."""
    asked = tight(given["name"])
    found = [mail for mail, names in CONTACTS.items() if asked in map(tight, names)]
    return {"addresses": found}


def add_note(world: World, given: Arguments) -> Any:
    """A new note."""
    world.notes.append(dict(given))
    return {"saved": given["title"]}


def search_notes(world: World, given: Arguments) -> Any:
    """The notes that hold a text."""
    wanted = tight(given["query"])
    return {"notes": [n for n in world.notes if any(wanted in tight(str(v)) for v in n.values())]}


def calculate(world: World, given: Arguments) -> Any:
    """The value of a formula of digits and signs, parsed and never executed."""
    text = plain(given["expression"]).translate(str.maketrans("×÷（）", "*/()")).replace("**", "^")
    if not _ARITHMETIC.fullmatch(text):
        raise ToolFailure("only digits, brackets and + - * / ^ are calculated")
    try:
        return {"value": round(float(formula_value(text.replace(" ", ""), 0)), 10)}
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ToolFailure("this cannot be calculated") from error


def convert_units(world: World, given: Arguments) -> Any:
    """A quantity in another unit."""
    number, source, target = given["value"], unit(given["source"]), unit(given["target"])
    if (source, target) == ("c", "f"):
        return {"value": round(number * 9 / 5 + 32, 4)}
    if (source, target) == ("f", "c"):
        return {"value": round((number - 32) * 5 / 9, 4)}
    if not any({source, target} <= kind for kind in LIKE):
        raise ToolFailure(f"cannot convert {source[:40]} to {target[:40]}")
    return {"value": round(number * FACTORS[source] / FACTORS[target], 4)}


def translate(world: World, given: Arguments) -> Any:
    """A text in another language."""
    known = {tight(text): said for text, said in PHRASES[given["target"]].items()}
    if (said := known.get(tight(given["text"]))) is None:
        raise ToolFailure("this text cannot be translated")
    return {"translation": said}


def web_search(world: World, given: Arguments) -> Any:
    """What is known of a query."""
    return {"results": [found for words, found in FACTS if contains(given["query"], words)]}


SERVICES: Mapping[str, Callable[[World, Arguments], Any]] = {
    each.__name__: each
    for each in (
        *(get_weather, generate_image, add_event, list_events, search_trains, book_train),
        *(convert_currency, find_route, send_mail, find_contact, add_note, search_notes),
        *(calculate, convert_units, translate, web_search),
    )
}
CHANGING = frozenset({"generate_image", "add_event", "book_train", "send_mail", "add_note"})
