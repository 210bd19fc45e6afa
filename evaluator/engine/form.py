"""How a model is asked: over which API, with which system prompt, chat template and turns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from evaluator.types import Asked, Continuation, Message, Response

Api = Literal["chat", "completions"]

# Sampling that changes nothing. vLLM fills in what a request does not name from the model's
# generation_config.json, and a repetition penalty from there changes greedy decoding too.
NEUTRAL = {
    "top_p": 1.0,
    "top_k": -1,
    "min_p": 0.0,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}
ECHO = {"echo": True, "logprobs": 1, "max_tokens": 0}  # the prompt's own tokens, and none beyond


@dataclass(frozen=True, slots=True)
class Form:
    """`chat_template` is Jinja source that takes the place of the server's."""

    api: Api = "chat"
    system: str = ""
    shots_as_turns: bool = False
    chat_template: str = ""

    def body(self, model: str, asked: Asked, params: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON of a request; a parameter that is None is left out."""
        params = {name: value for name, value in params.items() if value is not None}
        lead = f"{self.system}\n\n" if self.system else ""
        if isinstance(asked, Continuation):
            return {"model": model, "prompt": lead + asked.context + asked.text, **params, **ECHO}
        if self.api == "completions":
            text, stop = plain(asked)
            return {"model": model, "prompt": lead + text, **stop, **of_completions(params)}
        template = {"chat_template": self.chat_template} if self.chat_template else {}
        return {"model": model, "messages": self.messages(asked), **template, **params}

    def messages(self, asked: Asked) -> list[Message]:
        """The turns of a chat."""
        if isinstance(asked, list):
            turns = asked
        elif self.shots_as_turns and not isinstance(asked, str | Continuation):
            turns = asked.turns()
        else:
            turns = [{"role": "user", "content": str(asked)}]
        return [{"role": "system", "content": self.system}, *turns] if self.system else turns

    def question(self, asked: Asked) -> str | list[Message] | None:
        """The question itself, where a request puts it in other words: None where it does not."""
        if isinstance(asked, Continuation) or (self.api == "chat" and not self.shots_as_turns):
            return None
        if isinstance(asked, str | list):
            return asked if self.api == "completions" else None
        return str(asked)

    def read(self, asked: Asked, response: Response) -> Response:
        """The response as it is to be read: a base model completes the cue of its prompt."""
        if self.api == "chat" or isinstance(asked, str | list | Continuation) or not asked.cue:
            return response
        return replace(response, text=asked.cue + response.text)


def going_along(
    asked: Asked, optional: Mapping[str, Any] | None, sampling: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The fields that go along where an endpoint takes them, but for those that `sampling` names.

    An echo samples nothing.
    """
    if isinstance(asked, Continuation):
        return {}
    every = {**NEUTRAL, **(optional or {})}
    return {name: value for name, value in every.items() if name not in sampling}


def plain(asked: Asked) -> tuple[str, dict[str, Any]]:
    """The text that a base model is to go on with, and where its reply ends."""
    if isinstance(asked, str):
        return f"{asked}\n\n", {}
    if isinstance(asked, list):
        said = "\n\n".join(f"{turn['role'].capitalize()}: {turn['content']}" for turn in asked)
        return f"{said}\n\nAssistant:", {"stop": ["\n\nUser:"]}
    assert not isinstance(asked, Continuation)
    return asked.plain(), {"stop": list(asked.stop)} if asked.stop else {}


def of_completions(params: Mapping[str, Any]) -> dict[str, Any]:
    """Chat's sampling fields in the names of completions, where logprobs are a number."""
    if params.get("logprobs") is not True:
        return dict(params)
    kept = {key: value for key, value in params.items() if key != "top_logprobs"}
    return kept | {"logprobs": params.get("top_logprobs", 1)}
