"""What the ground truths do not tell of ACEBench's phone and airline: names, numbers and prices.

Facts only: every text of a message or a reminder comes from the data.
"""

from collections.abc import Iterator

from evaluator.types import Fields

ROOM = 6  # for messages, and for reminders
PEOPLE = "Eve", "Frank", "Grace", "Helen", "Isaac", "Jack"
FREE_BAGS = {"regular": [1, 2], "silver": [2, 3], "gold": [3, 3]}  # economy, business
CABINS = ["经济舱", "商务舱"], ["Economy Class", "Business Class"]
CITIES = {
    "北京": "Beijing",
    "上海": "Shanghai",
    "南京": "Nanjing",
    "深圳": "Shenzhen",
    "厦门": "Xiamen",
    "成都": "Chengdu",
    "福州": "Fuzhou",
}
# number, from, to, day of July 2024, departure, arrival, seats, price in economy, in business
FLIGHTS = """
CA1234 北京 上海 15 08:00 10:30 5 1200 3000
MU5678 上海 北京 16 09:00 11:30 3 1900 3000
CZ4321 上海 北京 16 20:00 22:00 8 2500 4000
CZ4352 上海 北京 17 20:00 22:00 8 1600 2500
MU3561 北京 南京 18 08:00 10:00 8 1500 4000
MU1566 北京 南京 18 20:00 22:00 8 1500 4000
CZ1765 南京 深圳 17 20:30 22:00 8 1500 2500
CZ1765 南京 深圳 18 12:30 15:00 8 1500 2500
MH1765 厦门 成都 17 12:30 15:00 8 1500 2500
MH2616 成都 厦门 18 18:30 21:00 8 1500 2500
MH2616 成都 福州 16 18:30 21:00 8 1500 2500
"""
# a merchant, what it sells, and the price, each name in Chinese and in English
PRODUCTS = (
    ("达美乐", "Domino's", "玛格丽特披萨", "Margherita Pizza", 68.0),
    ("达美乐", "Domino's", "超级至尊披萨", "Super Supreme Pizza", 88.0),
    ("米村拌饭", "Rice Village Bibimbap", "石锅拌饭", "Stone Pot Bibimbap", 35.0),
    ("米村拌饭", "Rice Village Bibimbap", "韩式牛肉拌饭", "Korean Beef Bibimbap", 45.0),
    ("海底捞", "Haidilao", "牛肉卷", "Beef Rolls", 68.0),
    ("海底捞", "Haidilao", "海鲜拼盘", "Seafood Platter", 88.0),
    ("喜茶", "Heytea", "芝士奶茶", "Cheese Milk Tea", 25.0),
    ("喜茶", "Heytea", "四季春奶茶", "Four Seasons Spring Milk Tea", 22.0),
    ("盒马生鲜", "Hema Fresh", "有机蔬菜包", "Organic Vegetable Pack", 15.0),
    ("盒马生鲜", "Hema Fresh", "生鲜大礼包", "Fresh Gift Pack", 99.0),
    ("九田家烤肉", "Jiutian BBQ", "韩式烤牛肉", "Korean Grilled Beef", 128.0),
    ("九田家烤肉", "Jiutian BBQ", "烤五花肉", "Grilled Pork Belly", 78.0),
)


def people() -> Fields:
    """The ids of those who send messages, by name."""
    return {name: f"USR{number}" for number, name in enumerate(PEOPLE, 100)}


def merchants(language: str) -> Fields:
    """What each merchant sells."""
    menus: Fields = {}
    for *merchant, chinese, english, price in PRODUCTS:
        named = {"product": chinese if language == "zh" else english, "price": price}
        menus.setdefault(str(merchant[language != "zh"]), []).append(named)
    return menus


def flights(language: str) -> Iterator[Fields]:
    """The airline's flights."""
    for line in FLIGHTS.split("\n")[1:-1]:
        number, origin, destination, day, departs, arrives, *counts = line.split()
        seats, economy, business = map(int, counts)
        yield {
            "flight_no": number,
            "origin": origin if language == "zh" else CITIES[origin],
            "destination": destination if language == "zh" else CITIES[destination],
            "depart_time": f"2024-07-{day} {departs}:00",
            "arrival_time": f"2024-07-{day} {arrives}:00",
            "status": "available",
            "seats_available": seats,
            "economy_price": economy,
            "business_price": business,
        }
