"""How a model is asked: over which API, with which system prompt, chat template and turns."""

from dataclasses import dataclass, replace
from typing import Literal

from evaluator.types import Asked, Body, Fields, Message, Params, Response
from evaluator.wording import Prompt, as_prompt

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
    """`chat_template` is Jinja source that takes the place of the server's.

    `prefix_token` stands before a text that is scored from its very beginning: of a first token
    there is no logprob else. `prompt_template` takes the place of the benchmark's own words.
    """

    api: Api = "chat"
    system: str = ""
    shots_as_turns: bool = False
    chat_template: str = ""
    prefix_token: str = ""
    prompt_template: str = ""

    def body(self, model: str, asked: Asked, params: Params) -> Body:
        """The JSON of a request; a parameter that is None is left out."""
        prompt = self.prompt(asked)
        fields = {name: value for name, value in params.items() if value is not None}
        if self.api == "chat" and prompt.scored is None:
            template = {"chat_template": self.chat_template} if self.chat_template else {}
            ends = {"stop": list(prompt.chat_stop)} if prompt.chat_stop else {}
            return {"model": model, "messages": self.messages(prompt), **template, **ends, **fields}
        lead = f"{self.system}\n\n" if self.system else ""
        body = {"model": model, "prompt": lead + prompt.plain()}
        if prompt.scored is not None:
            if prompt.scored == len(body["prompt"]):
                body["prompt"] = self.prefix_token + body["prompt"]
            return {**body, **fields, **ECHO}
        stop = {"stop": list(prompt.stop)} if prompt.stop else {}
        return {**body, **stop, **of_completions(fields)}

    def prompt(self, asked: Asked) -> Prompt:
        """What is asked, in the user's template where there is one."""
        prompt = as_prompt(asked)
        return prompt.in_template(self.prompt_template) if self.prompt_template else prompt

    def messages(self, asked: Asked) -> list[Message]:
        """The turns of a chat; the system prompt here goes before one of the question's own."""
        prompt = self.prompt(asked)
        turns = prompt.turns() if self.shots_as_turns else prompt.messages()
        if not self.system:
            return turns
        asked_turns = [turn for turn in turns if turn["role"] != "system"]
        return [{"role": "system", "content": self.system}, *asked_turns]

    def question(self, asked: Asked) -> str | list[Message] | None:
        """The question itself, where a request puts it in other words: None where it does not."""
        if self.api == "chat" and not self.shots_as_turns:
            return None
        prompt = self.prompt(asked)
        reworded = self.api == "completions" or prompt.has_examples
        return prompt.question if reworded else None

    def read(self, asked: Asked, response: Response) -> Response:
        """The response as it is to be read: a base model completes the cue of its prompt."""
        if self.api == "chat" or not (cue := self.prompt(asked).cue):
            return response
        return replace(response, text=cue + response.text)


def optional_fields(asked: Asked, optional: Params | None, sampling: Params) -> Params:
    """The fields that are sent where an endpoint takes them; those that `sampling` names are not.

    Scoring an echoed prompt samples nothing.
    """
    if as_prompt(asked).scored is not None:
        return {}
    every = {**NEUTRAL, **(optional or {})}
    return {name: value for name, value in every.items() if name not in sampling}


def of_completions(params: Fields) -> Fields:
    """Chat's sampling fields in the names of completions, where logprobs are a number."""
    if params.get("logprobs") is not True:
        return params
    kept = {key: value for key, value in params.items() if key != "top_logprobs"}
    return kept | {"logprobs": params.get("top_logprobs", 1)}
