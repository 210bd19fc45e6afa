"""What each provider refuses, and in which words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Body = Mapping[str, Any]
Refusal = tuple[int, dict[str, Any]] | None  # status and JSON


@dataclass(frozen=True, slots=True)
class Provider:
    """`refuses(body)` is what it says to a request that it does not take."""

    base_url: str
    refuses: Callable[[Body], Refusal]
    key_header: str = "authorization"


def _glm(body: Body) -> Refusal:
    for name in ("temperature", "top_p"):
        value = body.get(name)
        if value is not None and not 0 < value < 1:
            words = f"{name}参数非法。请检查文档。"
            return 400, {"error": {"code": "1214", "message": words}}
    return None


def _openai(body: Body) -> Refusal:
    def invalid(message: str, param: str, code: str) -> Refusal:
        kind = "invalid_request_error"
        return 400, {"error": {"message": message, "type": kind, "param": param, "code": code}}

    if "max_tokens" in body:
        words = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
        return invalid(words, "max_tokens", "unsupported_parameter")
    if body.get("temperature", 1) != 1:
        words = (
            f"Unsupported value: 'temperature' does not support {body['temperature']} with this "
            "model. Only the default (1) value is supported."
        )
        return invalid(words, "temperature", "unsupported_value")
    return None


def _dashscope(body: Body) -> Refusal:
    if body.get("stream") or body.get("enable_thinking") is False:
        return None
    words = "parameter.enable_thinking must be set to false for non-streaming calls"
    error = {"code": "invalid_parameter_error", "message": words, "type": "invalid_request_error"}
    return 400, {"error": error}


def _anthropic(body: Body) -> Refusal:
    if {"temperature", "top_p"} <= body.keys():
        words = "`temperature` and `top_p` cannot both be specified for this model."
        return 400, {"error": {"type": "invalid_request_error", "message": words}}
    return None


def _llama_cpp(body: Body) -> Refusal:
    problems = []
    if body.get("top_k", 0) < 0:
        problems.append(
            {"loc": ["body", "top_k"], "msg": "Input should be greater than or equal to 0"}
        )
    if body.get("response_format", {}).get("type") == "json_schema":
        words = "Input should be 'text' or 'json_object'"
        problems.append({"loc": ["body", "response_format", "type"], "msg": words})
    if problems:
        words = "Internal: " + "x" * 400 + str(problems)  # named far behind the beginning
        return 500, {"error": {"message": words, "type": "internal_server_error"}}
    return None


GLM = Provider("http://open.bigmodel.cn/api/paas/v4", _glm)
OPENAI = Provider("http://api.openai.com/v1", _openai)
AZURE = Provider(
    "http://mine.openai.azure.com/openai/deployments/ours?api-version=2024-06-01",
    _openai,
    key_header="api-key",
)
DASHSCOPE = Provider("http://dashscope.aliyuncs.com/compatible-mode/v1", _dashscope)
ANTHROPIC = Provider("http://api.anthropic.com/v1", _anthropic)
LLAMA_CPP = Provider("http://llama.invalid:8000/v1", _llama_cpp)
