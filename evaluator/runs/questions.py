"""What endpoints are asked to learn what they can do."""

HELLO = "Say hello."
SCORED = " degrees"  # whose likelihood is asked for, in a sentence that leads to it
SENTENCE = f"Water boils at one hundred{SCORED}"
RATE = 'Rate a plain "hello" from 1 to 10, as JSON.'
SCHEMA = {
    "type": "object",
    "properties": {"rating": {"type": "integer", "minimum": 1, "maximum": 10}},
    "required": ["rating"],
}
USE_TOOL = "What is the weather in Beijing? Use the tool."
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
