"""What the simulated classes say where a call cannot be done, in Chinese and in English."""

from collections.abc import Mapping

SAID: Mapping[str, tuple[str, str]] = {
    "form": (
        "没有执行：调用的格式与要求不符（{faults}）。请按要求的格式重写，不要写别的",
        "not carried out: the call is not in the form that was asked for ({faults}); "
        "write it again in that form, with nothing beside it",
    ),
    "no wifi": ("Wi-Fi 没有打开", "Wi-Fi is off"),
    "no logged_in": ("设备没有登录", "nobody is logged in to the device"),
    "no person": ("没有这个用户：{name}", "no such user: {name}"),
    "memory full": (
        "短信容量已满，请先问用户删除哪一条短信",
        "the memory for messages is full: ask the user which message to delete",
    ),
    "no message": ("没有这样的短信", "no such message"),
    "reminders full": ("提醒已满", "there is no room for another reminder"),
    "no reminder": ("没有这样的提醒", "no such reminder"),
    "wrong password": ("用户名或密码错误", "user name or password is wrong"),
    "twice": ("{name} 已经登录", "{name} is logged in already"),
    "not in": ("{name} 没有登录外卖平台", "{name} is not logged in to the food platform"),
    "no merchant": ("没有这个商家：{name}", "no such merchant: {name}"),
    "no product": ("{merchant} 没有这种商品：{name}", "{merchant} has no such product: {name}"),
    "items": (
        "items 的每一项都要有 product（文字）和 quantity（正整数）",
        "each of items needs product, a text, and quantity, a whole number above 0",
    ),
    "too little": ("余额不足：需要 {cost}", "the balance is too low: {cost} is needed"),
    "no flight": ("没有符合条件的航班", "no flight fits"),
    "no connection": ("没有符合条件的中转航班", "no connection fits"),
    "no booking": ("没有这样的预订", "no such reservation"),
    "name one": (
        "请给出 reservation_id 或 user_id",
        "give reservation_id or user_id",
    ),
    "cabin": ("cabin 应为 {names} 之一", "cabin must be one of {names}"),
    "payment": (
        "payment_method 应为 cash 或 bank",
        "payment_method must be cash or bank",
    ),
    "no number": ("数值太大", "a number is too large"),
    "flown": ("航班已经起飞", "the flight has left"),
}
