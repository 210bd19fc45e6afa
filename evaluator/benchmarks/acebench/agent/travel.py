"""The airline of ACEBench's agent categories: flights, reservations and what they cost."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from evaluator.agents.calls import Arguments
from evaluator.benchmarks.acebench.agent.world import TRAVEL, AgentWorld, Refused, Service
from evaluator.types import Fields, Json

BAG = 50  # yuan for a bag that is not free
NOW = datetime(2024, 7, 14, 6)  # of cancellations, in the authors' code
PRICES = ("economy_price", "business_price")  # in the order of the cabins
BY_AIRLINE = ("航空公司取消", "airline")  # a reason that says so
LATE_FEE = 0.1  # of the price, where a flight leaves within a day


def get_flight_details(world: AgentWorld, given: Arguments) -> Any:
    """The flights from a city, to a city, or both."""
    found = list(_flights(world, given.get("origin"), given.get("destination")))
    if not found:
        raise Refused("no flight")
    return found


def find_transfer_flights(world: AgentWorld, given: Arguments) -> Any:
    """Pairs of flights of which the second leaves after the first has landed."""
    change = given["transfer_city"]
    found = [
        {"first_leg": first, "second_leg": second}
        for first in _flights(world, given["origin_city"], change)
        for second in _flights(world, change, given["destination_city"])
        if first["arrival_time"] < second["depart_time"]
    ]
    if not found:
        raise Refused("no connection")
    return found


def get_user_details(world: AgentWorld, given: Arguments) -> Any:
    """A user, without the password."""
    user = _user(world, given["user_id"], given["password"])
    return {name: value for name, value in user.items() if name != "password"}


def get_reservation_details(world: AgentWorld, given: Arguments) -> Any:
    """A reservation, or all of a user, with their flights."""
    key = next((name for name in ("reservation_id", "user_id") if given.get(name)), None)
    if key is None:
        raise Refused("name one")
    found = [each for each in world.of(TRAVEL)["reservations"] if each[key] == given[key]]
    return [{**each, "flight_info": _flight(world, each["flight_no"])} for each in found]


def reserve_flight(world: AgentWorld, given: Arguments) -> Any:
    """Books a seat, and pays for it and for the bags that are not free."""
    user = _user(world, given["user_id"], given["password"])
    if (flight := _flight(world, given["flight_no"])) is None:
        raise Refused("no flight")
    cabin, bags = given["cabin"], given["baggage_count"]
    cost = _price(world, flight, cabin) + _for_bags(world, user, cabin, bags)
    method = _method(given.get("payment_method"))
    _pay(user, method, cost)
    flight["seats_available"] -= 1
    reservations = world.of(TRAVEL)["reservations"]
    reservations.append(
        {
            "reservation_id": f"res_{len(reservations) + 1}",
            "user_id": given["user_id"],
            "flight_no": flight["flight_no"],
            "payment_method": method,
            "cabin": cabin,
            "baggage": bags,
        }
    )
    return {"reservation": reservations[-1], "cost": cost}


def modify_flight(world: AgentWorld, given: Arguments) -> Any:
    """Changes flight, cabin and bags of a reservation, in this order.

    As in the authors' code, another flight costs nothing, and the prices of cabins are those of the
    flight before.
    """
    booked = _reservation(world, given)
    user = world.of(TRAVEL)["users"][given["user_id"]]
    method = _method(given.get("new_payment_method") or booked["payment_method"])
    if (before := _flight(world, booked["flight_no"])) is None:
        raise Refused("no flight")
    number, cabin = given.get("new_flight_no"), given.get("new_cabin")
    if number and number != booked["flight_no"]:
        after = _flight(world, number)
        if after is None or _ends(after) != _ends(before):
            raise Refused("no flight")
        booked["flight_no"] = number
    if cabin and cabin != booked["cabin"]:
        more = _price(world, before, cabin) - _price(world, before, booked["cabin"])
        _pay(user, method, more)
        booked["cabin"] = cabin
    if (added := given.get("add_baggage", 0)) > 0:
        bags = booked["baggage"] + added
        _pay(user, method, _for_bags(world, user, booked["cabin"], bags))
        booked["baggage"] = bags
    return {"reservation": booked}


def cancel_reservation(world: AgentWorld, given: Arguments) -> Any:
    """Pays the price back in cash, all of it but for a fee within a day of departure.

    As in the authors' code, the reservation stays in its list.
    """
    booked = _reservation(world, given)
    if (flight := _flight(world, booked["flight_no"])) is None:
        raise Refused("no flight")
    left = datetime.fromisoformat(flight["depart_time"]) - NOW
    if left < timedelta():
        raise Refused("flown")
    price = _price(world, flight, booked["cabin"])
    free = left > timedelta(days=1) or any(word in given["reason"].lower() for word in BY_AIRLINE)
    refund = price if free else price * (1 - LATE_FEE)
    world.of(TRAVEL)["users"][given["user_id"]]["cash_balance"] += refund
    return {"refund": refund}


def _flights(world: AgentWorld, origin: str | None, destination: str | None) -> Iterable[Fields]:
    for each in world.of(TRAVEL)["flights"]:
        if origin in (None, "", each["origin"]) and destination in (None, "", each["destination"]):
            yield each


def _flight(world: AgentWorld, number: str) -> Fields | None:
    return next((f for f in world.of(TRAVEL)["flights"] if f["flight_no"] == number), None)


def _ends(flight: Json) -> tuple[str, str]:
    return flight["origin"], flight["destination"]


def _user(world: AgentWorld, id: str, password: str) -> Fields:
    """The user.  Raises Refused."""
    user: Fields | None = world.of(TRAVEL)["users"].get(id)
    if user is None or user["password"] != password:
        raise Refused("wrong password")
    return user


def _reservation(world: AgentWorld, given: Arguments) -> Fields:
    """The reservation of a user.  Raises Refused."""
    wanted = given["user_id"], given["reservation_id"]
    for each in world.of(TRAVEL)["reservations"]:
        if (each["user_id"], each["reservation_id"]) == wanted:
            found: Fields = each
            return found
    raise Refused("no booking")


def _place(world: AgentWorld, cabin: str) -> int:
    """0 for economy, 1 for business.  Raises Refused."""
    cabins: list[str] = world.of(TRAVEL)["cabins"]
    if cabin not in cabins:
        raise Refused("cabin", names=", ".join(cabins))
    return cabins.index(cabin)


def _price(world: AgentWorld, flight: Json, cabin: str) -> float:
    price: float = flight[PRICES[_place(world, cabin)]]
    return price


def _for_bags(world: AgentWorld, user: Fields, cabin: str, bags: int) -> int:
    free: int = world.of(TRAVEL)["free_bags"][user["membership_level"]][_place(world, cabin)]
    return max(bags - free, 0) * BAG


def _method(given: object) -> str:
    """How it is paid.  Raises Refused."""
    if given not in ("cash", "bank"):
        raise Refused("payment")
    return str(given)


def _pay(user: Fields, method: str, cost: float) -> None:
    """Takes the cost, or gives it back where it is below 0.  Raises Refused."""
    if cost > user[f"{method}_balance"]:
        raise Refused("too little", cost=cost)
    user[f"{method}_balance"] -= cost


SERVICES: Mapping[str, Service] = {
    each.__name__: each
    for each in (
        *(get_flight_details, find_transfer_flights, get_user_details, get_reservation_details),
        *(reserve_flight, modify_flight, cancel_reservation),
    )
}
