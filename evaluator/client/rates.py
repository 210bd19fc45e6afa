"""Rate limits of hosted endpoints: requests and tokens per minute, with asyncio-throttle.

A throttler polls for each of its waiters, so that 4,000 of them would burn a core: only one waits
there, the others queue behind a lock.
"""

import asyncio

from asyncio_throttle.throttler import Throttler

from evaluator.types import Request, Response

WINDOWS = 60  # rate windows in a minute: 1 s each, so that a minute's worth is not one burst
POLL = 0.02  # seconds between the throttler's looks at the clock
CHARACTERS_PER_TOKEN = 3  # a cautious guess for the prompt until the endpoint has counted it


class Rates:
    """Lets requests pass at `rpm` requests and `tpm` tokens a minute; None sets no bound.

    Whoever wants to pass holds the `turn` from before it waits for a slot until it is sent.
    """

    def __init__(self, rpm: float | None = None, tpm: float | None = None) -> None:
        self.bound = bool(rpm or tpm)
        self.turn = asyncio.Lock()
        self._given = rpm, tpm
        self._due = 0.0  # tokens to wait for before the next request
        self._reply_tokens = 0.0  # a running mean of what a reply takes
        self.divide(1)

    def divide(self, parts: int) -> None:
        """Lets one of so many parts pass from now on, as others have the other parts."""
        rpm, tpm = (each and each / parts for each in self._given)
        self._requests = throttler(rpm) if rpm else None
        # Tokens pass in parcels, a hundred in a second.
        self._parcel = max(1.0, tpm / 6000) if tpm else 0.0
        self._parcels = throttler(tpm / self._parcel) if tpm else None

    async def passing(self, request: Request) -> float:
        """Returns when the request may be sent: the tokens that it was taken to need."""
        if self._requests:
            await _wait(self._requests)
        if not self._parcels:
            return 0.0
        guess = self._guess(request)
        self._due += guess
        while self._due >= self._parcel:
            self._due -= self._parcel
            await _wait(self._parcels)
        return guess

    def passed(self, guess: float, response: Response) -> None:
        """Corrects the guess with which the request passed by what the endpoint counted.

        Where it does not count, the guess stands for the prompt, and the text tells of the reply.
        """
        if not self._parcels:
            return
        reply_tokens = response.output_tokens or len(response.text) / CHARACTERS_PER_TOKEN
        if response.counted:
            self._due += response.prompt_tokens + response.output_tokens - guess
        else:
            self._due += reply_tokens - self._reply_tokens  # which was in the guess
        self._reply_tokens += 0.1 * (reply_tokens - self._reply_tokens)

    def _guess(self, request: Request) -> float:
        asked = len(request.body.get("prompt", ""))
        asked += sum(len(str(message["content"])) for message in request.body.get("messages", ()))
        return asked / CHARACTERS_PER_TOKEN + self._reply_tokens


async def _wait(throttler: Throttler) -> None:
    async with throttler:
        pass


def throttler(per_minute: float) -> Throttler:
    """A rate per minute as a rate per second."""
    rate = max(1, round(per_minute / WINDOWS))
    return Throttler(rate_limit=rate, period=60.0 * rate / per_minute, retry_interval=POLL)
