"""What each provider refuses and in which words, and what its replies hold beside the usual."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Body = Mapping[str, Any]
Refusal = tuple[int, dict[str, Any]] | None  # status and JSON


@dataclass(frozen=True, slots=True)
class Provider:
    """`refuses(body)` is what it says to a request that it does not take.

    Of a reply, `message` is in each message, `choice` in each choice. A stream begins with the
    events `first`. `waits` is what it sends while the model is busy: plain, and in a stream.
    """

    base_url: str
    refuses: Callable[[Body], Refusal]
    unauthorized: Body = field(default_factory=lambda: {"error": {"message": "Unauthorized"}})
    key_header: str = "authorization"
    message: Body = field(default_factory=dict)
    choice: Body = field(default_factory=dict)
    first: tuple[Body, ...] = ()
    waits: tuple[str, str] = ("", "")


def invalid(message: str, param: str | None = None, code: str | None = None) -> Refusal:
    """A refusal in OpenAI's form, which most have."""
    kind = "invalid_request_error"
    return 400, {"error": {"message": message, "type": kind, "param": param, "code": code}}


def sequences(body: Body) -> list[str]:
    stop = body.get("stop") or []
    return [stop] if isinstance(stop, str) else stop


def kind_of_format(body: Body) -> str:
    return str(body.get("response_format", {}).get("type", "text"))


def says_json(body: Body) -> bool:
    return "json" in str(body["messages"]).lower()


def _glm(body: Body) -> Refusal:
    def illegal(words: str) -> Refusal:
        return 400, {"error": {"code": "1214", "message": words}}

    for name in ("temperature", "top_p"):
        value = body.get(name)
        if value is not None and not 0 < value < 1:
            return illegal(f"{name}参数非法。请检查文档。")
    if len(sequences(body)) > 1:
        return illegal("stop:最大只能有1个停止词")
    if kind_of_format(body) == "json_schema":
        return illegal("response_format参数非法。请检查文档。")
    return None


def _openai(body: Body) -> Refusal:
    """A reasoning model: o3, o4-mini, gpt-5."""
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
    for name in ("top_p", "presence_penalty", "frequency_penalty", "logprobs", "stop"):
        if name in body:
            words = f"Unsupported parameter: '{name}' is not supported with this model."
            return invalid(words, name, "unsupported_parameter")
    return None


def _gpt_4(body: Body) -> Refusal:
    if len(sequences(body)) > 4:
        words = (
            "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an "
            f"array with length {len(sequences(body))} instead."
        )
        return invalid(words, "stop", "array_above_max_length")
    if (asked := body.get("max_tokens", 1)) > 16_384:
        words = (
            f"max_tokens is too large: {asked}. This model supports at most 16384 completion "
            f"tokens, whereas you provided {asked}."
        )
        return invalid(words, "max_tokens", "invalid_value")
    return None


def _dashscope(body: Body) -> Refusal:
    code = "invalid_parameter_error"
    if body["model"].startswith("qwq") and not body.get("stream"):
        words = (
            "This model only support stream mode, please enable the stream parameter to access "
            "the model. "
        )
        return invalid(words, None, code)
    if not body.get("stream") and body.get("enable_thinking") is not False:
        words = "parameter.enable_thinking must be set to false for non-streaming calls"
        return invalid(words, None, code)
    if body.get("max_tokens", 1) > 8_192:
        words = "<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]"
        return invalid(words, None, code)
    return None


def _deepseek(body: Body) -> Refusal:
    code = "invalid_request_error"
    if body.get("max_tokens", 1) > 65_536:
        words = "Invalid max_tokens value, the valid range of max_tokens is [1, 65536]"
        return invalid(words, None, code)
    if "logprobs" in body and "reasoner" in body["model"]:
        return invalid("deepseek-reasoner does not support the parameter `logprobs`", None, code)
    if kind_of_format(body) == "json_schema":
        return invalid("This response_format type is unavailable now", None, code)
    if kind_of_format(body) == "json_object" and not says_json(body):
        words = (
            "Prompt must contain the word 'json' in some form to use 'response_format' of type "
            "'json_object'."
        )
        return invalid(words, None, code)
    return None


def _azure(body: Body) -> Refusal:
    if "forbidden" in str(body["messages"]):
        result = {"violence": {"filtered": True, "severity": "high"}}
        inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": result}
        words = (
            "The response was filtered due to the prompt triggering Azure OpenAI's content "
            "management policy. Please modify your prompt and retry."
        )
        error = {"message": words, "type": None, "param": "prompt", "code": "content_filter"}
        return 400, {"error": {**error, "status": 400, "innererror": inner}}
    return _openai(body)


def _anthropic(body: Body) -> Refusal:
    if {"temperature", "top_p"} <= body.keys():
        words = "`temperature` and `top_p` cannot both be specified for this model."
        return invalid(words)
    if (asked := body.get("max_tokens", 1)) > 8_192:
        words = (
            f"max_tokens: {asked} > 8192, which is the maximum allowed number of output tokens "
            f"for {body['model']}"
        )
        return invalid(words)
    return None


def _llama_cpp(body: Body) -> Refusal:
    problems = []
    if body.get("top_k", 0) < 0:
        problems.append(
            {"loc": ["body", "top_k"], "msg": "Input should be greater than or equal to 0"}
        )
    if kind_of_format(body) == "json_schema":
        words = "Input should be 'text' or 'json_object'"
        problems.append({"loc": ["body", "response_format", "type"], "msg": words})
    if problems:
        words = "Internal: " + "x" * 400 + str(problems)  # named far behind the beginning
        return 500, {"error": {"message": words, "type": "internal_server_error"}}
    return None


WRONG_KEY = {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}
CLEAN = {"violence": {"filtered": False, "severity": "safe"}}

GLM = Provider(
    "http://open.bigmodel.cn/api/paas/v4",
    _glm,
    {"error": {"code": "1002", "message": "Authorization Token非法，请确认Token正确传递。"}},
)
OPENAI = Provider("http://api.openai.com/v1", _openai, WRONG_KEY)
GPT_4 = Provider("http://api.openai.com/v1", _gpt_4, WRONG_KEY)
AZURE = Provider(
    "http://mine.openai.azure.com/openai/deployments/ours?api-version=2024-06-01",
    _azure,
    {"error": {"code": "401", "message": "Access denied due to invalid subscription key."}},
    key_header="api-key",
    choice={"content_filter_results": CLEAN},
    first=({"choices": [], "prompt_filter_results": [{"content_filter_results": CLEAN}]},),
)
DASHSCOPE = Provider("http://dashscope.aliyuncs.com/compatible-mode/v1", _dashscope, WRONG_KEY)
DEEPSEEK = Provider(
    "http://api.deepseek.com/v1",
    _deepseek,
    {"error": {"message": "Authentication Fails", "type": "authentication_error"}},
    message={"reasoning_content": "B, since it is."},
    waits=("\n\n\n", ": keep-alive\n\n"),
)
ANTHROPIC = Provider("http://api.anthropic.com/v1", _anthropic, WRONG_KEY)
LLAMA_CPP = Provider("http://llama.invalid:8000/v1", _llama_cpp, WRONG_KEY)
