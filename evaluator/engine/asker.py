"""`ask` for one sample: adds the model and its sampling, and gets the reply."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from evaluator.digest import digest
from evaluator.engine.form import Form, optional_fields
from evaluator.engine.replies import Replies
from evaluator.engine.task import Task
from evaluator.extract.cleaning import cleaned, only_thinks, template_tokens
from evaluator.types import Asked, Body, Params, Request, Response, Schema
from evaluator.wording import as_prompt

REPEAT = 1_000  # the numbers `nth` of a sample's second repeat start here, of its third at twice it


class Asker:
    """The `ask` of one repeat of a sample, and a record of what it asked and got."""

    __slots__ = (
        "_first",
        "_other_role",
        "_replies",
        "_sample_id",
        "_task",
        "finish_reason",
        "fitted",
        "keys",
        "leaked",
        "prompt",
        "ran_on",
        "requests",
        "responses",
        "went_on",
    )

    def __init__(
        self,
        replies: Replies,
        task: Task,
        sample_id: str,
        repeat: int,
        other_role: Callable[[], None],
    ) -> None:
        self._replies = replies
        self._task = task
        self._sample_id = sample_id
        self._first = repeat * REPEAT
        self._other_role = other_role
        self.keys: list[str] = []
        self.requests: list[Request] = []
        self.responses: dict[str, Response] = {}  # as they are read, by the key of the request
        self.finish_reason = ""
        self.prompt = ""
        self.leaked = self.ran_on = self.went_on = self.fitted = 0

    async def __call__(
        self,
        messages: Asked,
        role: str = "model",
        *,
        schema: Schema | None = None,
        optional: Params | None = None,
        **params: Any,
    ) -> Response:
        model, task = self._replies.pools[role].model, self._task
        prompt, sampling = as_prompt(messages), task.sampling(role, params)
        optional = optional_fields(prompt, optional, sampling)
        if role != "model":
            body = Form().body(model, prompt, sampling)
            asked = self._request(role, body, schema=schema, optional=optional)
            response = await self._replies.reply(asked, self._other_role)
            self.responses[asked.key] = response
            return response
        body = task.form.body(model, prompt, sampling)
        # Only the first question: later ones hold the model's own words.
        self.prompt = self.prompt or fingerprint(body, params)
        asked = self._request(
            role,
            body,
            schema=schema,
            scored=prompt.scored or 0,
            likeliest=prompt.likeliest,
            optional=optional,
            question=task.form.question(prompt),
            overlong=prompt.overlong,
        )
        response = task.form.read(prompt, await self._replies.reply(asked, self._other_role))
        self.responses[asked.key] = response
        self.fitted += response.fitted
        # In the other modes a reply of one token is not cut off.
        return self._generated(body, response) if task.mode == "generate" else response

    def _generated(self, body: Body, response: Response) -> Response:
        """The response as it is scored: one that was cut off while it only thought says nothing."""
        self.finish_reason = response.finish_reason
        wanted = template_tokens(question(body), response.text)
        reply = cleaned(response.text, False, wanted)
        self.leaked += reply.leaked
        self.ran_on += reply.ran_on
        only = cleaned(response.text, True, wanted)  # if it is to hold but one
        self.went_on += only.ran_on
        cut = response.finish_reason == "length" and not response.reasoning
        return replace(response, text="") if cut and only_thinks(response.text) else response

    def _request(self, role: str, body: Body, **more: Any) -> Request:
        name, nth = self._task.benchmark.name, self._first
        asked = name, self._sample_id, role, body
        while (request := Request(*asked, nth, **more)).key in self.keys:
            nth += 1
        self.keys.append(request.key)
        self.requests.append(request)
        return request


def question(body: Body) -> str:
    """The words of a body that are to be answered."""
    return str(body["messages"][-1].get("content") if "messages" in body else body["prompt"])


def fingerprint(body: Body, params: Params) -> str:
    """A name for the question in a body that is the same for every model it is put to."""
    asked = body.get("messages") or body["prompt"]
    return digest([asked, params])
