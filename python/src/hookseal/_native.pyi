"""
The native half of `hookseal`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hookseal.types import AllowPrivate, Body, Certificates, Delays, FilePath, Headers, Seconds, Secrets, Time, Tolerance
from typing import Any, Final, final

__all__ = ["VERSION", "Attempt", "Client", "Delivery", "DeliveryTask", "Endpoint", "Event", "EventType", "Next", "Provider", "RetryPolicy", "Secret", "Webhook", "errors", "providers", "start_delivery"]

VERSION: Final[str]
"""
The version of the package.
"""

@final
class Attempt:
    """
    One HTTP request and its outcome.
    """
    def __repr__(self, /) -> str: ...
    @property
    def duration(self, /) -> timedelta:
        """
        How long it took, from the look-up of the host's name to the last byte of the response.
        """
    @property
    def duration_ms(self, /) -> int:
        """
        The duration in whole milliseconds.
        """
    @property
    def error(self, /) -> str | None:
        """
        Why there is no complete response, for people; ``None`` for an answer of any status.
        """
    @property
    def error_code(self, /) -> str | None:
        """
        Why there is no complete response, such as ``"timeout"``; ``None`` for an answer of any status.
        """
    @property
    def mixed_dns(self, /) -> bool:
        """
        Whether the host's name resolved to forbidden addresses besides the allowed ones that were tried.
        """
    @property
    def number(self, /) -> int:
        """
        Which attempt of its delivery it was, from 1.
        """
    @property
    def request_headers(self, /) -> list[tuple[str, str]]:
        """
        The headers that were sent, signature included. Those of the endpoint itself stand as ``[redacted]``.
        """
    @property
    def response_body(self, /) -> bytes:
        """
        The first 64 KiB of the response's body, as they came.
        """
    @property
    def response_code(self, /) -> int | None:
        """
        The status code, if the receiver got as far as answering.
        """
    @property
    def response_headers(self, /) -> list[tuple[str, str]]:
        """
        The response's headers, in order.
        """
    @property
    def response_truncated(self, /) -> bool:
        """
        Whether the body went on; the rest was not read.
        """
    @property
    def started_at(self, /) -> datetime:
        """
        When it began, in UTC.
        """
    @property
    def succeeded(self, /) -> bool:
        """
        Whether the receiver answered 2xx, completely and in time.
        """

@final
class Client:
    """
    Delivers events, over connections that it keeps for the next ones.

    Only https and public addresses, unless ``allow_http`` and ``allow_private`` (``True``, or a list of CIDR
    ranges) say otherwise. ``ca_certificates`` (PEM) are trusted besides the public authorities. One client serves
    any number of threads; after a fork the child has connections of its own.
    """
    def __enter__(self, /) -> Client: ...
    def __exit__(self, /, *_exception: "object") -> None: ...
    def __new__(cls, /, *, allow_http: "bool" = False, allow_private: AllowPrivate = ..., ca_certificates: Certificates | None = None) -> Client: ...
    def __repr__(self, /) -> str: ...
    def close(self, /) -> None:
        """
        Refuses further deliveries.
        """
    def deliver(self, /, endpoint: Endpoint, event: Event) -> Delivery:
        """
        Delivers the event, with the endpoint's retries, and returns how that went. It waits for as long as the
        retries take (a day and more with some providers); other threads run meanwhile, and Ctrl-C ends it.

        Raises ``ConfigError`` or ``DeliveryError`` only for what is wrong before the first attempt; what goes
        wrong in an attempt is told in the delivery.
        """

@final
class Delivery:
    """
    One event's way to one endpoint: every attempt, and how it ended.
    """
    def __repr__(self, /) -> str: ...
    @property
    def attempts(self, /) -> list[Attempt]:
        """
        Every attempt, in order; there is at least one.
        """
    @property
    def delivered(self, /) -> bool:
        """
        Whether the receiver accepted the event.
        """
    @property
    def disable_endpoint(self, /) -> bool:
        """
        Whether the receiver asked for no more events (such as by 410 under Standard Webhooks).
        """
    @property
    def status(self, /) -> str:
        """
        ``"delivered"`` or ``"failed"``.
        """

@final
class DeliveryTask:
    """
    A delivery in the background.
    """
    def cancel(self, /) -> None:
        """
        Ends the delivery where it stands; does nothing to one that has ended.
        """

@final
class Endpoint:
    """
    An url that wants events, with its secrets and how it is treated.

    One secret or several, the newest first: it signs. Timeout and retries are the provider's until they are set;
    ``headers`` are sent with every request; ``allow_http`` and ``allow_private`` count here, whatever the client
    says. Raises ``ConfigError`` (``invalid_url``, ``invalid_secret``, ``invalid_argument``).
    """
    def __new__(cls, /, url: str, secret: Secrets | None = None, *, provider: Provider | str = ..., timeout: Seconds | None = None, allow_http: "bool | None" = None, allow_private: AllowPrivate | None = None, headers: Mapping[str, str] | None = None, retry: RetryPolicy | None = None) -> Endpoint: ...
    def __repr__(self, /) -> str: ...
    @property
    def url(self, /) -> str:
        """
        The url, in the spelling that is signed and dialled.
        """

@final
class Event:
    """
    An event that was verified, or one made by ``Provider.event`` to be delivered.
    """
    def __repr__(self, /) -> str: ...
    @property
    def body(self, /) -> bytes:
        """
        The raw body, as it was signed.
        """
    @property
    def data(self, /) -> Any:
        """
        What the event is about, parsed at the first use; the whole payload where the provider has no envelope.
        Raises ``VerificationError`` (``invalid_payload``) if the body is not JSON.
        """
    @property
    def id(self, /) -> str | None:
        """
        The event's id, the same in every delivery of it; ``None`` where the provider sends none.
        """
    @property
    def key_index(self, /) -> int:
        """
        Which of the secrets verified it; 0 is the newest.
        """
    @property
    def payload(self, /) -> Any:
        """
        The whole body, parsed at the first use. Raises ``VerificationError`` (``invalid_payload``) if it is not
        JSON.
        """
    @property
    def tenant(self, /) -> str | None:
        """
        The customer, team or organisation it belongs to, where the provider names one.
        """
    @property
    def timestamp(self, /) -> datetime | None:
        """
        When it happened or, where the body does not say, when it was signed; in UTC.
        """
    @property
    def type(self, /) -> str | None:
        """
        What happened, such as ``"booking.created"``; ``None`` where the provider sends none.
        """

@final
class EventType:
    """
    One kind of event that a provider sends.
    """
    def __repr__(self, /) -> str: ...
    @property
    def description(self, /) -> str:
        """
        When it is sent.
        """
    @property
    def example(self, /) -> Any | None:
        """
        An example of its ``data``, if the provider shows one.
        """
    @property
    def name(self, /) -> str:
        """
        The type as it stands in events, such as ``"booking.created"``.
        """

@final
class Next:
    """
    What to do after an attempt.
    """
    def __repr__(self, /) -> str: ...
    @property
    def action(self, /) -> str:
        """
        ``"done"``, ``"retry"``, ``"give_up"`` or ``"disable"``.
        """
    @property
    def at(self, /) -> datetime | None:
        """
        When to try again, in UTC; ``None`` if not.
        """
    @property
    def delay(self, /) -> timedelta | None:
        """
        How long to wait before trying again; ``None`` if not.
        """

@final
class Provider:
    """
    The published conventions of one webhook vendor: signature, envelope, delivery and events.
    """
    def __repr__(self, /) -> str: ...
    @staticmethod
    def builtin(id: str) -> Provider:
        """
        The provider built in under this id. Raises ``ConfigError`` (``unknown_provider``).
        """
    @property
    def confidence(self, /) -> str:
        """
        How sure they are, such as ``"doc-text-sample"``.
        """
    @property
    def credits(self, /) -> int:
        """
        What a successful delivery costs.
        """
    def event(self, /, type: str, data: Any, *, id: str | None = None, timestamp: Time | None = None, tenant: str | None = None) -> Event:
        """
        A new event in the provider's envelope, ready to be delivered. ``data`` is anything that ``json.dumps``
        takes; id and timestamp are made where they are not given.
        """
    @property
    def events(self, /) -> list[EventType]:
        """
        The events it sends, as far as it names them.
        """
    def example(self, /, type: str) -> Event:
        """
        The provider's own example of an event, with an id and a time of its own. Nothing is sent.
        """
    @staticmethod
    def from_toml(text: str) -> Provider:
        """
        A provider of your own, from the text of a provider file. Raises ``ConfigError`` (``invalid_provider``).
        """
    @property
    def https_only(self, /) -> bool:
        """
        Whether it delivers to https urls only.
        """
    @property
    def id(self, /) -> str:
        """
        The id, such as ``"standard"``.
        """
    @staticmethod
    def load(path: FilePath) -> Provider:
        """
        A provider of your own, from a provider file. Raises ``ConfigError`` (``invalid_provider``).
        """
    @property
    def name(self, /) -> str:
        """
        The name people know it by.
        """
    @property
    def notes(self, /) -> str | None:
        """
        What a receiver should know besides.
        """
    @property
    def retry(self, /) -> RetryPolicy:
        """
        When a failed delivery is tried again.
        """
    @property
    def secret_optional(self, /) -> bool:
        """
        Whether it delivers unsigned where an endpoint has no secret.
        """
    @property
    def sources(self, /) -> list[str]:
        """
        Where the facts come from.
        """
    @property
    def timeout(self, /) -> timedelta:
        """
        How long one attempt may take.
        """

@final
class RetryPolicy:
    """
    When a failed delivery is tried again: the delay before each retry, as ``timedelta`` or seconds.

    Every delay above ten seconds grows by a random part of up to ``jitter`` (0 to 1) of itself. Raises
    ``ConfigError`` (``invalid_argument``).
    """
    def __new__(cls, /, delays: Delays, *, jitter: "float" = 0.0) -> RetryPolicy: ...
    def __repr__(self, /) -> str: ...
    def delays(self, /) -> list[timedelta]:
        """
        The delay before each retry, before jitter.
        """
    @staticmethod
    def exponential(first: Seconds, factor: "float", count: int, cap: Seconds | None = None, *, jitter: "float" = 0.0) -> RetryPolicy:
        """
        ``count`` retries, the first after ``first``, each later one after ``factor`` times the delay before it, none
        after more than ``cap``.
        """
    @property
    def max_attempts(self, /) -> int:
        """
        How many attempts there are at most, the first included.
        """
    def next(self, /, attempt: int, outcome: int | str, *, retry_after: str | None = None, now: Time | None = None, jitter: "float" = 0.0) -> Next:
        """
        What to do after attempt number ``attempt`` (the first is 1) ended at ``now``. ``outcome`` is the status
        code, or the error code (such as ``"timeout"``) if there was no answer; ``retry_after`` is the header of that
        name; ``jitter`` between 0 and 1 picks within the policy's jitter.
        """

@final
class Secret:
    """
    A signing key. Its repr shows nothing of it, and it cannot be pickled.

    Several secrets are a rotation: the newest signs, all of them verify. Raises ``ConfigError``
    (``invalid_secret``) if the text is empty. A ``str`` cannot be wiped from Python's memory; what this object
    holds is wiped when it goes.
    """
    def __new__(cls, /, text: str) -> Secret: ...
    def __repr__(self, /) -> str: ...
    def expose(self, /) -> str:
        """
        The secret in the clear, to show it once to its owner or to store it; never log it.
        """
    @staticmethod
    def from_bytes(key: bytes) -> Secret:
        """
        A key as raw bytes, used as they are whatever encoding the provider writes its secrets in.
        """
    @staticmethod
    def generate(provider: Provider | str = ...) -> Secret:
        """
        A new random secret of the kind the provider uses.
        """
    @staticmethod
    def generate_private_key(provider: Provider | str = ...) -> Secret:
        """
        A new random private key (``whsk_…``) where the provider has asymmetric signatures; its ``public()`` half
        is for the receivers.
        """
    def public(self, /) -> Secret:
        """
        The public half (``whpk_…``) of a private key (``whsk_…``), for those who only verify.
        """

@final
class Webhook:
    """
    A provider and its secrets: one, or several with the newest first.

    ``provider`` is a ``Provider`` or the id of one that is built in, Standard Webhooks by default. ``tolerance`` is how far a timestamp may lie off: a ``timedelta`` or seconds, or ``(past, future)``; the
    provider's own by default. Raises ``ConfigError`` (``invalid_secret``, ``unknown_provider``) and warns with
    ``SecretWarning`` of secrets that are weak or had whitespace around them.
    """
    def __new__(cls, /, secret: Secrets, *, provider: Provider | str = ..., tolerance: Tolerance | None = None) -> Webhook: ...
    def __repr__(self, /) -> str: ...
    @property
    def header_names(self, /) -> list[str]:
        """
        The names of the headers that ``verify`` reads, in lower case.
        """
    def sign(self, /, body: Body, *, id: str | None = None, timestamp: Time | None = None, type: str | None = None, url: str | None = None, method: str | None = None) -> "dict[str, str]":
        """
        Every header to send with this body. ``id`` and ``timestamp`` are made where they are not given;
        ``type``, ``url`` and ``method`` are for the providers that send or sign them.
        """
    def verify(self, /, body: Body, headers: Headers, *, now: Time | None = None, url: str | None = None, method: str | None = None) -> Event:
        """
        Verifies a request and returns its event. ``body`` is the raw body as it came, not the parsed JSON;
        ``headers`` are the request's headers in any form a framework has them. ``url`` and ``method`` are for
        the providers that sign them, ``now`` is for tests. Raises ``VerificationError``.
        """

def errors() -> dict[str, str]:
    """
    Every error code, with one sentence that says what it means.
    """

def providers() -> list[Provider]:
    """
    The providers that are built in.
    """

def start_delivery(client: Client, endpoint: Endpoint, event: Event, settle: Any) -> DeliveryTask:
    """
    Starts a delivery and returns at once. ``settle`` is called with the ``Delivery`` or an exception, on another
    thread, unless the task was cancelled.
    """
