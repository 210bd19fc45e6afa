"""Which of vLLM's parsers reads a model's tool calls: by the model's name.

A server without one leaves calls in the text of its replies, and refuses requests that let the
model choose a tool.
"""

import re

NONE = "none"  # a server without tool calls
PARSERS = (  # the first that fits; a parser that does not fit finds no calls, and does no harm
    (r"qwen3[.-]?coder", "qwen3_coder"),
    (r"qwen(2\.5|3)|hermes|smollm", "hermes"),
    (r"llama-?4", "llama4_pythonic"),
    (r"llama-?3\.\d", "llama3_json"),
    (r"ministral|mistral|mixtral|magistral|devstral", "mistral"),
    (r"deepseek-v3\.2", "deepseek_v32"),
    (r"deepseek-v3\.1", "deepseek_v31"),
    (r"deepseek-(v3|r1)", "deepseek_v3"),
    (r"glm-4\.7", "glm47"),
    (r"glm-4\.[56]", "glm45"),
    (r"internlm", "internlm"),
    (r"kimi-k2", "kimi_k2"),
    (r"gpt-oss", "openai"),
    (r"granite-4", "granite4"),
    (r"granite", "granite"),
    (r"minimax-m2", "minimax_m2"),
    (r"phi-4-mini", "phi4_mini_json"),
    (r"hunyuan-a13b", "hunyuan_a13b"),
    (r"seed-oss", "seed_oss"),
    (r"xlam", "xlam"),
)


def tool_parser(model: str) -> str:
    """The parser for a hub id or a folder; empty where none is known."""
    name = re.split(r"[/\\]", model.rstrip("/\\"))[-1].lower().replace("_", "-")
    return next((parser for pattern, parser in PARSERS if re.search(pattern, name)), "")


def tool_flags(parser: str) -> dict[str, str | None]:
    """The flags of vLLM for a parser."""
    if parser in ("", NONE):
        return {}
    return {"--enable-auto-tool-choice": None, "--tool-call-parser": parser}
