"""The two senders: Hookseal in Python, in this process, and Hookseal in Node, in a process of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from hookseal import AsyncClient, Attempt, Endpoint, Event, Provider

from children import Child, DemoError


@dataclass(frozen=True)
class Try:
    """One attempt, as its sender tells it."""

    code: int | None
    error: str | None
    ms: float | None
    at: float

    @property
    def end(self) -> float:
        """When it ended."""
        return self.at + (self.ms or 0) / 1000

    @staticmethod
    def of(attempt: Attempt) -> Try:
        """What Python's client tells of an attempt."""
        ms = attempt.duration.total_seconds() * 1000
        return Try(attempt.response_code, attempt.error_code, ms, attempt.started_at.timestamp())


class Sender(Protocol):
    """Something that delivers a provider's example events."""

    language: str

    async def deliver(self, provider: Provider, type: str, url: str, secret: str) -> list[Try]:
        """Deliver an event, with the provider's retries, and return all attempts."""


class PythonSender:
    """Delivers with ``hookseal.AsyncClient``."""

    language = "Python"

    def __init__(self) -> None:
        # Everything in the demo happens on this machine, without TLS.
        self.client = AsyncClient(allow_http=True, allow_private=True)
        self._events: dict[tuple[str, str], Event] = {}

    def event(self, provider: Provider, type: str) -> Event:
        """The provider's example. One event goes to all its endpoints."""
        return self._events.setdefault((provider.id, type), provider.example(type))

    async def deliver(self, provider: Provider, type: str, url: str, secret: str) -> list[Try]:
        endpoint = Endpoint(url, secret, provider=provider)
        delivery = await self.client.deliver(endpoint, self.event(provider, type))
        return [Try.of(attempt) for attempt in delivery.attempts]


class NodeSender:
    """Delivers with Node's ``Client``, which ``sender.mjs`` drives."""

    language = "Node"

    def __init__(self, child: Child) -> None:
        self._child = child
        self._jobs = 0

    async def deliver(self, provider: Provider, type: str, url: str, secret: str) -> list[Try]:
        self._jobs += 1
        job, since = self._jobs, len(self._child.lines)
        # Through a pipe: arguments of processes can be read by everybody on the machine.
        order = {"job": job, "provider": provider.id, "type": type, "url": url, "secret": secret}
        self._child.write(json.dumps(order))
        patience = sum(delay.total_seconds() for delay in provider.retry.delays()) + 5
        line = await self._child.line(
            lambda line: line.startswith(f'{{"job":{job},'), f"deliver {type}", min(patience, 15), since
        )
        answer = json.loads(line)
        if "failure" in answer:
            raise DemoError(f"The sender in Node could not deliver {type}: {answer['failure']}")
        return [Try(**attempt) for attempt in answer["attempts"]]
