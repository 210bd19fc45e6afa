"""Whether a model's folder has a chat template, without which a server refuses every chat."""

import json
from collections.abc import Sequence
from pathlib import Path

from .command_line import flag_value

FILES = ("chat_template.jinja", "chat_template.json")
# With these, the template is the user's, or comes with each request, or from another tokenizer
ELSEWHERE = ("--chat-template", "--trust-request-chat-template", "--tokenizer", "--tokenizer-mode")


def lacks_chat_template(folder: Path, extra: Sequence[str]) -> bool:
    """True only where the folder says so: tokenizers of other kinds have their own ways."""
    if any(flag_value(extra, name) is not None for name in ELSEWHERE):
        return False
    if any((folder / name).exists() for name in FILES):
        return False
    try:
        tokenizer = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        return not tokenizer.get("chat_template")
    except (OSError, ValueError, AttributeError):
        return False
