"""The phone of ACEBench's agent categories: messages, reminders and a food platform."""

from collections.abc import Mapping
from typing import Any

from evaluator.agents.calls import Arguments
from evaluator.benchmarks.acebench.agent.world import (
    FOOD,
    LOGGED_IN,
    MESSAGES,
    PHONE,
    REMINDERS,
    WIFI,
    AgentWorld,
    Refused,
    Service,
)
from evaluator.types import Fields, Json

DONE = {"status": True}


def turn_on_wifi(world: AgentWorld, given: Arguments) -> Any:
    """Turns Wi-Fi on."""
    world.of(PHONE)[WIFI] = True
    return DONE


def login_device(world: AgentWorld, given: Arguments) -> Any:
    """Logs in to the device."""
    world.of(PHONE)[LOGGED_IN] = True
    return DONE


def send_message(world: AgentWorld, given: Arguments) -> Any:
    """Sends a message, where the memory has room for it."""
    world.needs(LOGGED_IN)
    world.needs(WIFI)
    state = world.of(MESSAGES)
    if len(state["inbox"]) >= state["capacity"]:
        raise Refused("memory full")
    sender, receiver = (_person(state, given[k]) for k in ("sender_name", "receiver_name"))
    state["last_id"] += 1
    state["inbox"][str(state["last_id"])] = {
        **{"sender_id": sender, "receiver_id": receiver, "message": given["message"]}
    }
    return DONE


def delete_message(world: AgentWorld, given: Arguments) -> Any:
    """Deletes a message."""
    world.needs(LOGGED_IN)
    if world.of(MESSAGES)["inbox"].pop(str(given["message_id"]), None) is None:
        raise Refused("no message")
    return DONE


def view_messages_between_users(world: AgentWorld, given: Arguments) -> Any:
    """The messages from one person to another."""
    world.needs(LOGGED_IN)
    state = world.of(MESSAGES)
    ends = [_person(state, given[name]) for name in ("sender_name", "receiver_name")]
    return _messages(world, lambda one: [one["sender_id"], one["receiver_id"]] == ends)


def search_messages(world: AgentWorld, given: Arguments) -> Any:
    """A person's messages, sent or received, that hold a keyword."""
    person = _person(world.of(MESSAGES), given["user_name"])
    keyword = given["keyword"].lower()
    return _messages(
        world,
        lambda one: (
            person in (one["sender_id"], one["receiver_id"]) and keyword in one["message"].lower()
        ),
    )


def get_latest_message_id(world: AgentWorld, given: Arguments) -> Any:
    """The number of the newest message."""
    return _at_the_end(world, newest=True)


def get_earliest_message_id(world: AgentWorld, given: Arguments) -> Any:
    """The number of the oldest message."""
    return _at_the_end(world, newest=False)


def add_reminder(world: AgentWorld, given: Arguments) -> Any:
    """A new reminder."""
    world.needs(LOGGED_IN)
    state = world.of(REMINDERS)
    reminders = state["reminder_list"]
    if len(reminders) >= state["capacity"]:
        raise Refused("reminders full")
    number = len(reminders) + 1
    told = {name: given[name] for name in ("title", "description", "time")}
    reminders[str(number)] = {"reminder_id": number, **told, "notified": False}
    return DONE


def view_reminder_by_title(world: AgentWorld, given: Arguments) -> Any:
    """The reminder of that title."""
    world.needs(LOGGED_IN)
    for one in world.of(REMINDERS)["reminder_list"].values():
        if one["title"] == given["title"]:
            return {**DONE, "reminder": one}
    raise Refused("no reminder")


def search_reminders(world: AgentWorld, given: Arguments) -> Any:
    """The reminders that hold a keyword."""
    keyword, reminders = given["keyword"].lower(), world.of(REMINDERS)["reminder_list"].values()
    found = [r for r in reminders if keyword in f"{r['title']}\n{r['description']}".lower()]
    if not found:
        raise Refused("no reminder")
    return {**DONE, "reminders": found}


def login_food_platform(world: AgentWorld, given: Arguments) -> Any:
    """Logs a user in to the food platform."""
    world.needs(WIFI)
    state, name = world.of(FOOD), given["username"]
    if state["users"].get(name, {}).get("password") != given["password"]:
        raise Refused("wrong password")
    if name in state["logged_in_users"]:
        raise Refused("twice", name=name)
    state["logged_in_users"].append(name)
    return DONE


def check_balance(world: AgentWorld, given: Arguments) -> Any:
    """What a user of the food platform can spend."""
    if (user := world.of(FOOD)["users"].get(given["user_name"])) is None:
        raise Refused("no person", name=given["user_name"][:80])
    return {**DONE, "balance": user["balance"]}


def get_products(world: AgentWorld, given: Arguments) -> Any:
    """A merchant's menu."""
    return {**DONE, "products": _menu(world, given["merchant_name"])}


def add_food_delivery_order(world: AgentWorld, given: Arguments) -> Any:
    """Orders food, where the balance allows it."""
    state, name, merchant = world.of(FOOD), given["username"], given["merchant_name"]
    if name not in state["logged_in_users"]:
        raise Refused("not in", name=name[:80])
    prices = {each["product"]: each["price"] for each in _menu(world, merchant)}
    items = [_item(each, merchant, prices) for each in given["items"]]
    cost = sum((item["price_per_unit"] * item["quantity"] for item in items), 0.0)
    user = state["users"][name]
    if cost >= user["balance"]:
        raise Refused("too little", cost=cost)
    user["balance"] -= cost
    order = {"user_name": name, "merchant_name": merchant, "items": items, "total_price": cost}
    state["orders"].append(order)
    return {**DONE, "order": order}


def _item(given: Any, merchant: str, prices: Mapping[str, float]) -> Fields:
    """What is ordered, with its price.  Raises Refused."""
    product, quantity = (
        (given.get("product"), given.get("quantity", 1))
        if isinstance(given, Mapping)
        else (None, None)
    )
    if not isinstance(product, str) or type(quantity) is not int or quantity <= 0:
        raise Refused("items")
    if product not in prices:
        raise Refused("no product", merchant=merchant, name=product[:80])
    return {"product": product, "quantity": quantity, "price_per_unit": prices[product]}


def _menu(world: AgentWorld, merchant: str) -> list[Fields]:
    menu: list[Fields] | None = world.of(FOOD)["merchants"].get(merchant)
    if menu is None:
        raise Refused("no merchant", name=merchant[:80])
    return menu


def _person(state: Json, name: str) -> str:
    """The id of a person.  Raises Refused."""
    found: str | None = state["users"].get(name)
    if found is None:
        raise Refused("no person", name=name[:80])
    return found


def _messages(world: AgentWorld, wanted: Any) -> Any:
    inbox = world.of(MESSAGES)["inbox"].items()
    found = [{"id": int(number), **one} for number, one in inbox if wanted(one)]
    if not found:
        raise Refused("no message")
    return {**DONE, "messages": found}


def _at_the_end(world: AgentWorld, newest: bool) -> Any:
    """The newest or the oldest of the messages that have a time: those sent here have none."""
    world.needs(LOGGED_IN)
    inbox = world.of(MESSAGES)["inbox"].items()
    timed = sorted((one["time"], int(number)) for number, one in inbox if "time" in one)
    if not timed:
        raise Refused("no message")
    return {**DONE, "message_id": timed[-1 if newest else 0][1]}


SERVICES: Mapping[str, Service] = {
    each.__name__: each
    for each in (
        *(turn_on_wifi, login_device, send_message, delete_message, view_messages_between_users),
        *(search_messages, get_latest_message_id, get_earliest_message_id, add_reminder),
        *(view_reminder_by_title, search_reminders, login_food_platform, check_balance),
        *(get_products, add_food_delivery_order),
    )
}
