"""
The native half of `hookseal`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hookseal.inbox_types import EventRetention, OrderBy
from hookseal.sender_types import Destination, Patterns, Retention
from hookseal.types import AllowPrivate, Body, Certificates, Delays, FilePath, Framework, Headers, Seconds, Secrets, Time, Tolerance
from typing import Any, Final, final

__all__ = ["MAX_BODY", "VERSION", "Attempt", "ClaimCore", "Client", "DeduplicatorCore", "Deliveries", "Delivery", "DeliveryPage", "DeliveryTask", "Endpoint", "EndpointPage", "Endpoints", "Event", "EventNotice", "EventNoticeReader", "EventPage", "EventType", "Events", "Explanation", "Finding", "Handling", "HandshakeAnswer", "InboxCore", "InboxStats", "Job", "Message", "Messages", "Next", "Notice", "NoticeReader", "Outcome", "Prepared", "Provider", "Receipt", "RecordedRequest", "Recorder", "RetryPolicy", "Secret", "SenderCore", "SignatureForm", "SignedRequest", "Stats", "StoredAttempt", "StoredDelivery", "StoredEndpoint", "StoredEvent", "StoredMessage", "StoredTry", "Task", "TestResult", "Usage", "Webhook", "Work", "certainties", "errors", "findings", "frameworks", "http_status", "providers", "public_url", "python_types", "refusal", "signed_request", "start_delivery"]

MAX_BODY: Final[int]
"""
How many bytes of a request the adapters read, unless they are told another limit.
"""

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
class ClaimCore:
    """
    The right to handle an event.
    """
    def done(self, /) -> Work:
        """
        The event was handled.
        """
    def extend(self, /) -> Work:
        """
        Has the lease begin anew.
        """
    def release(self, /) -> Work:
        """
        The event was not handled.
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
class DeduplicatorCore:
    """
    What ``Deduplicator`` and ``AsyncDeduplicator`` are made of.
    """
    def __new__(cls, /, url: str, *, keep: Seconds | None = None, lease: Seconds | None = None, capacity: int | None = None, namespace: str | None = None) -> DeduplicatorCore: ...
    def __repr__(self, /) -> str: ...
    def claim(self, /, event: Event) -> Work:
        """
        Claims an event.
        """
    def close(self, /) -> Work:
        """
        Closes files and connections.
        """

@final
class Deliveries:
    """
    Deliveries and jobs of a sender.
    """
    def cancel(self, /, id: int) -> Work:
        """
        Cancels a delivery.
        """
    def get(self, /, id: int) -> Work:
        """
        A delivery with its attempts and what they sent.
        """
    def job(self, /, id: int) -> Work:
        """
        How far a job is.
        """
    def list(self, /, filter: "Mapping[str, object]", cursor: int | None, limit: int) -> Work:
        """
        A page of the log.
        """
    def retry(self, /, id: int) -> Work:
        """
        Delivers once more; of a pending delivery the next attempt is pulled forward.
        """
    def retry_failed(self, /, since: Time, *, endpoint: int | None = None, tenant: str | None = None, type: Patterns | None = None) -> Work:
        """
        Delivers again what failed.
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
class DeliveryPage:
    """
    Deliveries, and where the next ones begin.
    """
    def __repr__(self, /) -> str: ...
    @property
    def cursor(self, /) -> int | None:
        """
        Where the next page begins; ``None`` if this is the last one.
        """
    @property
    def items(self, /) -> list[StoredDelivery]:
        """
        The deliveries, newest first.
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
class EndpointPage:
    """
    Endpoints, and where the next ones begin.
    """
    def __repr__(self, /) -> str: ...
    @property
    def cursor(self, /) -> int | None:
        """
        Where the next page begins; ``None`` if this is the last one.
        """
    @property
    def items(self, /) -> list[StoredEndpoint]:
        """
        The endpoints, in the order of their creation.
        """

@final
class Endpoints:
    """
    Endpoints of a sender.
    """
    def create(self, /, url: str, secret: str | Secret | None, settings: "Mapping[str, object]") -> Work:
        """
        Creates an endpoint; settings that are ``None`` are the default.
        """
    def delete(self, /, id: int) -> Work:
        """
        Deletes an endpoint.
        """
    def disable(self, /, id: int) -> Work:
        """
        Disables an endpoint.
        """
    def enable(self, /, id: int) -> Work:
        """
        Enables an endpoint.
        """
    def get(self, /, id: int) -> Work:
        """
        An endpoint.
        """
    def list(self, /, tenant: str | None, active: "bool | None", cursor: int | None, limit: int) -> Work:
        """
        A page of endpoints.
        """
    def rotate_secret(self, /, id: int, secret: str | Secret | None, overlap: Seconds) -> Work:
        """
        Gives an endpoint another secret.
        """
    def update(self, /, id: int, settings: "Mapping[str, object]") -> Work:
        """
        Changes an endpoint; settings that are ``None`` go back to the default.
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
    @staticmethod
    def trusted(body: Body, *, id: str | None = None, type: str | None = None, timestamp: Time | None = None, tenant: str | None = None, data: str | None = None) -> Event:
        """
        An event of a request that you have verified yourself, by other means than a ``Webhook``: a certificate, a
        JWT. Nothing is checked here. ``data`` is where in the JSON of the body the data are, such as
        ``"detail.data"``; the whole body by default.
        """
    @property
    def type(self, /) -> str | None:
        """
        What happened, such as ``"booking.created"``; ``None`` where the provider sends none.
        """

@final
class EventNotice:
    """
    An event that could not be handled, or was handled after all.
    """
    def __repr__(self, /) -> str: ...
    @property
    def created_at(self, /) -> datetime:
        """
        When it happened, in UTC.
        """
    @property
    def error(self, /) -> str | None:
        """
        Why the last try failed, for people.
        """
    @property
    def error_code(self, /) -> str | None:
        """
        Why the last try failed, such as ``"handler_failed"`` or ``"timeout"``.
        """
    @property
    def id(self, /) -> str:
        """
        The event's id.
        """
    @property
    def kind(self, /) -> str:
        """
        ``"event.failed"`` or ``"event.recovered"``.
        """
    @property
    def seq(self, /) -> int:
        """
        Its place in the order of all notices.
        """
    @property
    def type(self, /) -> str:
        """
        What happened, such as ``"booking.created"``; empty if the event has no type.
        """

@final
class EventNoticeReader:
    """
    Reads notices; each is acknowledged when the next one is asked for.
    """
    def next(self, /) -> Work:
        """
        The next notice as soon as there is one; ``None`` when the inbox was closed.
        """

@final
class EventPage:
    """
    Events, and where the next ones begin.
    """
    def __repr__(self, /) -> str: ...
    @property
    def cursor(self, /) -> int | None:
        """
        Where the next page begins; ``None`` if this is the last one.
        """
    @property
    def items(self, /) -> list[StoredEvent]:
        """
        The events, newest first.
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
class Events:
    """
    Events of an inbox.
    """
    def discard(self, /, id: str) -> Work:
        """
        Ends an event that is pending.
        """
    def export(self, /, to: Destination, filter: "Mapping[str, object]") -> Work:
        """
        Writes the log as JSON lines to a path or a binary file.
        """
    def expunge(self, /, id: str) -> Work:
        """
        Deletes what an event says.
        """
    def get(self, /, id: str) -> Work:
        """
        An event with its tries.
        """
    def job(self, /, id: int) -> Work:
        """
        How far a job is.
        """
    def list(self, /, filter: "Mapping[str, object]", cursor: int | None, limit: int) -> Work:
        """
        A page of the log.
        """
    def retry(self, /, id: str) -> Work:
        """
        Has an event handled once more.
        """
    def retry_failed(self, /, since: Time, *, type: Patterns | None = None) -> Work:
        """
        Retries what failed.
        """

@final
class Explanation:
    """
    Why a request does not verify: for its developer, never for whoever sent it.

    It holds no secret, no signature and nothing that the body says, and it turns no refusal into success.
    """
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def code(self, /) -> str | None:
        """
        The code of the ``VerificationError`` or ``ConfigError``; ``None`` if there is none.
        """
    @property
    def findings(self, /) -> list[Finding]:
        """
        What was found, the surest first.
        """
    @property
    def message(self, /) -> str | None:
        """
        The message of the error; ``None`` if there is none.
        """
    @property
    def provider(self, /) -> str:
        """
        The id of the provider that it was verified as.
        """
    def to_json(self, /) -> str:
        """
        A JSON object with ``provider``, ``verdict``, ``code``, ``message`` and ``findings``.
        """
    def to_text(self, /, *, color: "bool" = False) -> str:
        """
        Several lines for a terminal, with ANSI colours or, as ``str()`` has them, without.
        """
    @property
    def verdict(self, /) -> str:
        """
        What ``verify`` says: ``"verified"`` or ``"refused"``.
        """

@final
class Finding:
    """
    One thing that was found about a request.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def certainty(self, /) -> str:
        """
        How sure it is: ``"certain"``, ``"likely"`` or ``"possible"``.
        """
    @property
    def code(self, /) -> str:
        """
        The stable code, such as ``"body_reserialized"``; ``hookseal.findings`` lists them.
        """
    @property
    def remedy(self, /) -> str:
        """
        What to do about it.
        """
    @property
    def what(self, /) -> str:
        """
        What is so.
        """

@final
class Handling:
    """
    Which try of an event this is, for its handler.
    """
    def __repr__(self, /) -> str: ...
    @property
    def idempotency_key(self, /) -> str:
        """
        The same for every try of this event, and another for every other event: for what the handler does elsewhere.
        """
    @property
    def number(self, /) -> int:
        """
        Which try, from 1; it begins anew where somebody asked for another one by hand.
        """
    @property
    def received_at(self, /) -> datetime:
        """
        When the event was received first, in UTC.
        """

@final
class HandshakeAnswer:
    """
    What to answer a vendor's handshake: the request is no event, so nothing else is to be done.

    Made by hand it is for verifiers of your own, whose vendor asks for something else.
    """
    def __new__(cls, /, body: Body | None = None, *, headers: Mapping[str, str] | None = None) -> HandshakeAnswer: ...
    def __repr__(self, /) -> str: ...
    @property
    def body(self, /) -> bytes:
        """
        The body of the response; often a short text, and sometimes nothing.
        """
    @property
    def headers(self, /) -> dict[str, str]:
        """
        Every header of the response, names in lower case.
        """
    @property
    def secret(self, /) -> Secret | None:
        """
        The secret that the vendor gives away in this request, and nowhere else (Asana, Clio). Nothing proves who
        sent it: keep it only while an endpoint is being registered, and never in place of one that is in use.
        """
    @property
    def status(self, /) -> int:
        """
        The status of the response.
        """

@final
class InboxCore:
    """
    What ``Inbox`` and ``AsyncInbox`` are made of.
    """
    def __new__(cls, /, url: str, webhook: Webhook, *, concurrency: int | None = None, timeout: Seconds | None = None, retry: RetryPolicy | None = None, retention: EventRetention = ..., order_by: OrderBy | None = None, tolerance: Tolerance | None = None, max_body: int | None = None) -> InboxCore: ...
    def __repr__(self, /) -> str:
        """
        Whose conventions are followed, and where the store is.
        """
    @staticmethod
    def check_callback(_kind: str, callback: Any) -> None:
        """
        Refuses what ``on_notice`` would.
        """
    def close(self, /) -> Work:
        """
        Stops, in order.
        """
    @property
    def events(self, /) -> Events:
        """
        Events and jobs.
        """
    @property
    def max_body(self, /) -> int:
        """
        The largest body in bytes.
        """
    def notices(self, /) -> EventNoticeReader:
        """
        Reads the notices that nobody has acknowledged, and then those to come.
        """
    def on_notice(self, /, kind: str, callback: Any) -> None:
        """
        Calls back for every notice of this kind, from a thread of its own; it is acknowledged when all callbacks
        have returned, and told again after a while if one raises.
        """
    def prepare(self, /, body: Body, headers: Headers, *, now: Time | None = None, url: str | None = None, method: str | None = None) -> Prepared:
        """
        Verifies a request, and says how to store its event in the caller's own transaction.
        """
    def prometheus(self, /) -> Work:
        """
        The inbox in numbers, as Prometheus reads them.
        """
    def receive(self, /, body: Body, headers: Headers, *, now: Time | None = None, url: str | None = None, method: str | None = None) -> Work:
        """
        Verifies a request, and stores its event when the work is done.
        """
    def register(self, /, pattern: str, run: Any) -> None:
        """
        Has ``run`` begin a handler for events of these types. It is called with the event, its ``Handling`` and its
        ``Outcome``, and returns at once.
        """
    def start(self, /) -> Work:
        """
        Begins to handle.
        """
    def stats(self, /) -> Work:
        """
        The inbox in numbers.
        """
    @property
    def timeout(self, /) -> timedelta:
        """
        How long a try may take.
        """
    def wait_idle(self, /, timeout: Seconds | None = None) -> Work:
        """
        Waits until nothing is pending.
        """

@final
class InboxStats:
    """
    Counters since the inbox was opened, and what is there at this moment.
    """
    def __repr__(self, /) -> str: ...
    @property
    def commit_errors(self, /) -> int:
        """
        Commits that failed.
        """
    @property
    def commits(self, /) -> int:
        """
        Commits of the store.
        """
    @property
    def committed(self, /) -> int:
        """
        Operations in them.
        """
    @property
    def discarded(self, /) -> int:
        """
        Events that a handler discarded, or that had none.
        """
    @property
    def duplicates(self, /) -> int:
        """
        Events that had been received before.
        """
    @property
    def failed(self, /) -> int:
        """
        Events that failed for good.
        """
    @property
    def handled(self, /) -> int:
        """
        Events that were handled.
        """
    @property
    def handling(self, /) -> bool:
        """
        Whether this process handles events.
        """
    @property
    def in_flight(self, /) -> int:
        """
        Handlers that run now.
        """
    @property
    def pending(self, /) -> int:
        """
        Events in the store that wait to be handled.
        """
    @property
    def queued(self, /) -> int:
        """
        Operations that wait for their commit.
        """
    @property
    def received(self, /) -> int:
        """
        Events that were stored.
        """
    @property
    def retried(self, /) -> int:
        """
        Failed tries that are repeated.
        """
    @property
    def tries_failed(self, /) -> int:
        """
        Tries that did not.
        """
    @property
    def tries_succeeded(self, /) -> int:
        """
        Tries that succeeded.
        """
    @property
    def unsettled(self, /) -> int:
        """
        Tries that ended and whose outcome is not stored yet.
        """

@final
class Job:
    """
    A job that delivers again what failed. It goes on in the background, across restarts too.
    """
    def __repr__(self, /) -> str: ...
    @property
    def created_at(self, /) -> datetime:
        """
        When it was made, in UTC.
        """
    @property
    def done(self, /) -> int:
        """
        How many of them it has dealt with.
        """
    @property
    def finished(self, /) -> bool:
        """
        Whether it is at its end.
        """
    @property
    def id(self, /) -> int:
        """
        Its id.
        """
    @property
    def retried(self, /) -> int:
        """
        How many it delivers again.
        """
    @property
    def since(self, /) -> datetime:
        """
        It covers what failed at or after this time, in UTC.
        """
    @property
    def skipped(self, /) -> int:
        """
        How many it passed over: reached by a retry since, or without body or active endpoint.
        """
    @property
    def total(self, /) -> int:
        """
        How many deliveries it covers.
        """

@final
class Message:
    """
    A message that is stored, and will be delivered whatever happens to the process.
    """
    def __repr__(self, /) -> str: ...
    @property
    def created_at(self, /) -> datetime:
        """
        When it was stored, in UTC.
        """
    @property
    def deliveries(self, /) -> list[int]:
        """
        The ids of its deliveries, one for every endpoint that wants it; none for a duplicate.
        """
    @property
    def duplicate(self, /) -> bool:
        """
        Whether it was sent before: then nothing was stored now.
        """
    @property
    def id(self, /) -> str:
        """
        The event's id, the same on every delivery.
        """
    @property
    def key(self, /) -> int:
        """
        Its number in the store.
        """
    @property
    def tenant(self, /) -> str | None:
        """
        Whose event it is.
        """
    @property
    def timestamp(self, /) -> datetime:
        """
        When the event happened, in UTC.
        """
    @property
    def type(self, /) -> str:
        """
        What happened, such as ``"booking.created"``.
        """

@final
class Messages:
    """
    Messages of a sender.
    """
    def expunge(self, /, id: str | int, *, tenant: str | None = None) -> Work:
        """
        Deletes what the message says, now.
        """
    def get(self, /, id: str | int, *, tenant: str | None = None) -> Work:
        """
        A message with its body.
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
class Notice:
    """
    Something the owner of an endpoint must be told.
    """
    def __repr__(self, /) -> str: ...
    @property
    def created_at(self, /) -> datetime:
        """
        When it happened, in UTC.
        """
    @property
    def delivery(self, /) -> int:
        """
        The id of the delivery that caused it.
        """
    @property
    def endpoint(self, /) -> int:
        """
        The endpoint's id.
        """
    @property
    def failures(self, /) -> int:
        """
        The endpoint's failures in a row at that moment.
        """
    @property
    def kind(self, /) -> str:
        """
        ``"endpoint.disabled"``, ``"endpoint.failing"``, ``"delivery.failed"`` or ``"delivery.recovered"``.
        """
    @property
    def seq(self, /) -> int:
        """
        Its place in the order of all notices.
        """

@final
class NoticeReader:
    """
    Reads notices; each is acknowledged when the next one is asked for.
    """
    def next(self, /) -> Work:
        """
        The next notice as soon as there is one; ``None`` when the sender was closed.
        """

@final
class Outcome:
    """
    Where a handler says that it is done.
    """
    def settle(self, /, error: BaseException | None) -> None:
        """
        It is done, or failed by this exception. Only the first word counts.
        """

@final
class Prepared:
    """
    A statement that stores an event: run it in a transaction of your own, on the database of the inbox.

    It gives true if the event is new, and false for a duplicate.
    """
    def __repr__(self, /) -> str: ...
    @property
    def body(self, /) -> bytes:
        """
        The second parameter, ``bytea``: the body.
        """
    @property
    def facts(self, /) -> str:
        """
        The first parameter, text: what the request says besides its body.
        """
    @property
    def function(self, /) -> str:
        """
        The function alone, for drivers that write parameters in another way.
        """
    @property
    def id(self, /) -> str:
        """
        The event's id, or ``sha256:`` and the hash of the body where the provider gives none.
        """
    @property
    def sql(self, /) -> str:
        """
        The statement: ``SELECT "hookseal_inbox".hookseal_receive($1, $2)``.
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
    def handshake(self, /, body: Body, headers: Headers, *, now: Time | None = None, url: str | None = None, method: str | None = None, verify_token: str | None = None) -> HandshakeAnswer | None:
        """
        The answer to a handshake that needs no secret, for endpoints that have none yet: Asana sends it this way.
        ``None`` if the request is none. Raises ``ConfigError`` if this provider's handshake needs the secret, else as
        ``Webhook.handshake``.
        """
    @property
    def has_handshake(self, /) -> bool:
        """
        Whether the vendor asks an endpoint to prove that it is its owner's, which ``Webhook.handshake`` answers.
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
    def replay_protection(self, /) -> str:
        """
        What keeps a request from being accepted twice: ``"timestamp"`` (a signed one), ``"signed_id"``,
        ``"unsigned_id"`` or ``"nothing"``.
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
    def signatures(self, /) -> list[SignatureForm]:
        """
        How requests are signed; several forms where a provider has several, as Standard Webhooks has.
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
class Receipt:
    """
    An event that is stored, and will be handled whatever happens to the process.
    """
    def __repr__(self, /) -> str: ...
    @property
    def duplicate(self, /) -> bool:
        """
        Whether it was received before: then nothing was stored now, and it is not handled again.
        """
    @property
    def id(self, /) -> str:
        """
        The event's id, or ``sha256:`` and the hash of the body where the provider gives none.
        """

@final
class RecordedRequest:
    """
    A request that was recorded; ``webhook.verify(request.body, request.headers)`` takes it as it is.
    """
    def __repr__(self, /) -> str: ...
    @property
    def at(self, /) -> datetime:
        """
        When all of it had come.
        """
    @property
    def body(self, /) -> bytes:
        """
        The raw body.
        """
    @property
    def headers(self, /) -> list[tuple[str, str]]:
        """
        Every header line as it came: name and value.
        """
    @property
    def method(self, /) -> str:
        """
        The request's method.
        """
    @property
    def target(self, /) -> str:
        """
        Its path and query.
        """

@final
class Recorder:
    """
    A real HTTP server on this machine that records every request, for the tests of senders. It answers 200, or as it
    is told; ``with`` closes it.
    """
    def __enter__(self, /) -> Recorder: ...
    def __exit__(self, /, *_error: "object") -> None: ...
    def __new__(cls, /) -> Recorder: ...
    def __repr__(self, /) -> str: ...
    def answer(self, /, status: int = ..., *, headers: Mapping[str, str] | None = None, body: Body | None = None, delay: Seconds | None = None, times: int | None = None) -> None:
        """
        Answers so: the next ``times`` requests, after those that were told before, or all that no other reply is
        for. ``delay`` is a ``timedelta`` or seconds.
        """
    def clear(self, /) -> None:
        """
        Forgets what has come, and how to reply.
        """
    def close(self, /) -> None:
        """
        Stops listening; what has come can still be read.
        """
    def hang(self, /, *, times: int | None = None) -> None:
        """
        Keeps the connection and never answers, for so many requests or from now on.
        """
    def refuse(self, /, *, delay: Seconds | None = None, times: int | None = None) -> None:
        """
        Closes the connection without an answer, for so many requests or from now on.
        """
    @property
    def requests(self, /) -> list[RecordedRequest]:
        """
        What has come so far, oldest first.
        """
    @property
    def url(self, /) -> str:
        """
        Where it listens, such as ``http://127.0.0.1:40123``; every path is served.
        """
    def wait(self, /, count: int = ..., timeout: Seconds | None = None) -> list[RecordedRequest]:
        """
        Waits until so many requests have come, and returns all there are. Raises ``DeliveryError`` (``timeout``)
        if they have not come in time: a ``timedelta`` or seconds, 5 by default.
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
class SenderCore:
    """
    What ``Sender`` and ``AsyncSender`` are made of.
    """
    def __new__(cls, /, url: str, *, provider: Provider | str = ..., allow_http: "bool" = False, allow_private: AllowPrivate = ..., ca_certificates: Certificates | None = None, key: str | Secret | None = None, strict: "bool" = False, max_body: int | None = None, concurrency: int | None = None, retention: Retention = ...) -> SenderCore: ...
    def __repr__(self, /) -> str:
        """
        Whose conventions are followed, and where the store is.
        """
    @staticmethod
    def check_callback(_kind: str, callback: Any) -> None:
        """
        Refuses what ``on`` would.
        """
    def close(self, /) -> Work:
        """
        Stops, in order.
        """
    @property
    def deliveries(self, /) -> Deliveries:
        """
        Deliveries and jobs.
        """
    @property
    def endpoints(self, /) -> Endpoints:
        """
        Endpoints.
        """
    def example(self, /, type: str) -> Event:
        """
        The provider's example of an event. Nothing is stored or sent.
        """
    def export(self, /, to: Destination, filter: "Mapping[str, object]") -> Work:
        """
        Writes the log as JSON lines to a path or a binary file.
        """
    @property
    def messages(self, /) -> Messages:
        """
        Messages.
        """
    def notices(self, /) -> NoticeReader:
        """
        Reads the notices that nobody has acknowledged, and then those to come.
        """
    def on(self, /, kind: str, callback: Any) -> None:
        """
        Calls back for every notice of this kind, from a thread of its own; it is acknowledged when all callbacks
        have returned, and told again after a while if one raises.
        """
    def prometheus(self, /) -> Work:
        """
        The sender in numbers, as Prometheus reads them.
        """
    def send(self, /, type: str, data: Any, *, id: str | None = None, tenant: str | None = None, timestamp: Time | None = None) -> Work:
        """
        Stores one event.
        """
    def send_many(self, /, messages: Any) -> Work:
        """
        Stores many events; each has a result of its own, a message or an error.
        """
    def send_test(self, /, target: int | str, *, type: str | None = None, data: Any | None = None, tenant: str | None = None) -> Work:
        """
        Sends a test now and tells what came of it.
        """
    def start(self, /) -> Work:
        """
        Begins to deliver.
        """
    def stats(self, /) -> Work:
        """
        The sender in numbers.
        """
    def usage(self, /, *, tenant: str | None = None, since: Time | None = None, until: Time | None = None) -> Work:
        """
        What successful deliveries cost.
        """
    def wait_idle(self, /, timeout: Seconds | None = None) -> Work:
        """
        Waits until nothing is pending.
        """

@final
class SignatureForm:
    """
    One way in which a provider signs.
    """
    def __repr__(self, /) -> str: ...
    @property
    def algorithm(self, /) -> str:
        """
        ``"hmac-sha256"``, ``"ed25519"``, … as in a provider file; ``"token"`` is the secret itself, which proves
        nothing of the body.
        """
    @property
    def covers_body(self, /) -> bool:
        """
        Whether the body is signed. Where it is not, only what is signed may be trusted.
        """
    @property
    def encoding(self, /) -> str | None:
        """
        ``"hex"``, ``"base64"``, … as in a provider file.
        """
    @property
    def headers(self, /) -> list[str]:
        """
        The headers that are looked at for signatures, in lower case; the first is the one senders write. None where
        the signature is part of the body.
        """
    @property
    def several(self, /) -> bool:
        """
        Whether a request may carry several signatures, as during a rotation of secrets.
        """
    @property
    def signed(self, /) -> str:
        """
        The template of what is signed, such as ``"{timestamp}.{body}"``.
        """
    @property
    def tolerance(self, /) -> tuple[timedelta, timedelta] | None:
        """
        How far the signed timestamp may lie from now: ``(past, future)``; ``None`` where none is signed.
        """

@final
class SignedRequest:
    """
    A request for a test: signed as a provider signs, or a variant of it.
    """
    def __repr__(self, /) -> str: ...
    @property
    def body(self, /) -> bytes:
        """
        The raw body.
        """
    def duplicate(self, /) -> SignedRequest:
        """
        The same event once more, as after an answer that got lost: the same id and the same body.
        """
    def empty_key(self, /) -> SignedRequest:
        """
        Signed with the empty key, which is anybody's. Raises ``ConfigError`` where signatures are asymmetric.
        """
    @property
    def expected(self, /) -> str | None:
        """
        The code of the error with which it is refused at that time, by a receiver that has its secret (after
        ``rotated`` both); ``None`` if it is accepted.
        """
    def future(self, /) -> SignedRequest:
        """
        Signed for a time that lies a minute further ahead than the provider tolerates. Raises ``ConfigError``
        where no time is signed.
        """
    @property
    def headers(self, /) -> dict[str, str]:
        """
        Every header, names in lower case.
        """
    @property
    def id(self, /) -> str:
        """
        The event's id, where the request says it.
        """
    @property
    def method(self, /) -> str:
        """
        The request's method.
        """
    @property
    def now(self, /) -> datetime:
        """
        When it is sent; pass it to who verifies it, or let it be now.
        """
    def rotated(self, /, secret: str | Secret) -> SignedRequest:
        """
        The same request signed with another secret, such as the old one of a rotation: a receiver that has both
        accepts it.
        """
    def stale(self, /) -> SignedRequest:
        """
        Signed a minute longer ago than the provider tolerates. Raises ``ConfigError`` where no time is signed.
        """
    def tampered(self, /) -> SignedRequest:
        """
        A letter or digit of the body was changed after it was signed.
        """
    def unsigned(self, /) -> SignedRequest:
        """
        Without its signature.
        """
    @property
    def url(self, /) -> str:
        """
        The url that it is sent to.
        """
    def variants(self, /) -> dict[str, SignedRequest]:
        """
        Every variant that this provider has, by its name.
        """
    def wrong_secret(self, /) -> SignedRequest:
        """
        Signed with another secret of the same kind.
        """

@final
class Stats:
    """
    Counters since the sender was opened, and what is there at this moment.
    """
    def __repr__(self, /) -> str: ...
    @property
    def attempts_failed(self, /) -> int:
        """
        Attempts that were not.
        """
    @property
    def attempts_succeeded(self, /) -> int:
        """
        Attempts that were answered 2xx.
        """
    @property
    def commit_errors(self, /) -> int:
        """
        Commits that failed.
        """
    @property
    def commits(self, /) -> int:
        """
        Commits of the store.
        """
    @property
    def committed(self, /) -> int:
        """
        Operations in them.
        """
    @property
    def delivered(self, /) -> int:
        """
        Deliveries that succeeded.
        """
    @property
    def disabled(self, /) -> int:
        """
        Endpoints that were disabled by failures or by their receiver.
        """
    @property
    def dispatching(self, /) -> bool:
        """
        Whether this process is the one that delivers.
        """
    @property
    def duplicates(self, /) -> int:
        """
        Messages that were there already.
        """
    @property
    def failed(self, /) -> int:
        """
        Deliveries that failed for good.
        """
    @property
    def held(self, /) -> int:
        """
        Deliveries in the store that are held because their endpoint is disabled.
        """
    @property
    def in_flight(self, /) -> int:
        """
        Requests on their way now.
        """
    @property
    def pending(self, /) -> int:
        """
        Deliveries in the store that wait for an attempt.
        """
    @property
    def queued(self, /) -> int:
        """
        Operations that wait for their commit.
        """
    @property
    def retried(self, /) -> int:
        """
        Failed attempts that are tried again.
        """
    @property
    def sent(self, /) -> int:
        """
        Messages that were stored.
        """
    @property
    def unsettled(self, /) -> int:
        """
        Attempts that ended and whose outcome is not stored yet.
        """

@final
class StoredAttempt:
    """
    One HTTP request and its outcome, as the log shows it.
    """
    def __repr__(self, /) -> str: ...
    @property
    def duration(self, /) -> timedelta:
        """
        How long it took.
        """
    @property
    def duration_ms(self, /) -> int:
        """
        The duration in milliseconds.
        """
    @property
    def error(self, /) -> str | None:
        """
        Why there is no complete response, for people; ``None`` for an answer of any status.
        """
    @property
    def error_code(self, /) -> str | None:
        """
        Why there is no complete response, such as ``"timeout"`` or ``"lost"``; ``None`` for an answer of any status.
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
        The beginning of the response's body, as it came.
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
        Whether the body went on.
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
class StoredDelivery:
    """
    A message's way to one endpoint, as the log shows it.
    """
    def __repr__(self, /) -> str: ...
    @property
    def attempt_count(self, /) -> int:
        """
        How many attempts there were.
        """
    @property
    def attempts(self, /) -> list[StoredAttempt] | None:
        """
        Its attempts, in order; ``None`` in a list of deliveries.
        """
    @property
    def body(self, /) -> bytes | None:
        """
        The bytes that were sent; ``None`` in a list of deliveries, or if they are not kept any more.
        """
    @property
    def created_at(self, /) -> datetime:
        """
        When it was made, in UTC.
        """
    @property
    def done_at(self, /) -> datetime | None:
        """
        When it came to its end, in UTC.
        """
    @property
    def due(self, /) -> datetime | None:
        """
        When the next attempt is due, in UTC, while it is pending or held.
        """
    @property
    def duration(self, /) -> timedelta | None:
        """
        How long the last attempt took.
        """
    @property
    def endpoint(self, /) -> int:
        """
        The endpoint's id.
        """
    @property
    def error_code(self, /) -> str | None:
        """
        Why the last attempt got no response, such as ``"timeout"``.
        """
    @property
    def id(self, /) -> int:
        """
        Its id.
        """
    @property
    def message(self, /) -> str:
        """
        The event's id.
        """
    @property
    def message_key(self, /) -> int:
        """
        The message's number in the store.
        """
    @property
    def parent(self, /) -> int | None:
        """
        The delivery that this one repeats, for manual ones.
        """
    @property
    def response_code(self, /) -> int | None:
        """
        The last response's status code.
        """
    @property
    def status(self, /) -> str:
        """
        ``"pending"``, ``"held"``, ``"delivered"``, ``"failed"`` or ``"canceled"``.
        """
    @property
    def tenant(self, /) -> str | None:
        """
        Whose event it is.
        """
    @property
    def trigger(self, /) -> str:
        """
        What made it: ``"event"``, ``"manual"`` or ``"test"``.
        """
    @property
    def type(self, /) -> str:
        """
        What happened, such as ``"booking.created"``.
        """

@final
class StoredEndpoint:
    """
    An endpoint of a sender, as it is stored.
    """
    def __repr__(self, /) -> str: ...
    @property
    def allow_http(self, /) -> bool | None:
        """
        Whether plain http is allowed, if it is not the sender's to say.
        """
    @property
    def allow_private(self, /) -> bool | list[str] | None:
        """
        Whether private addresses are allowed, or which networks of them, if it is not the sender's to say.
        """
    @property
    def concurrency(self, /) -> int:
        """
        The most requests on their way at once.
        """
    @property
    def created_at(self, /) -> datetime:
        """
        When it was created, in UTC.
        """
    @property
    def disabled_at(self, /) -> datetime | None:
        """
        Since when it is disabled, in UTC.
        """
    @property
    def disabled_reason(self, /) -> str | None:
        """
        Why it is disabled: ``"user"``, ``"failures"`` or ``"refused"`` (the receiver asked for no more events).
        """
    @property
    def events(self, /) -> list[str]:
        """
        Which events: types, ``"booking.*"`` or ``"*"``; an empty list wants all.
        """
    @property
    def failures(self, /) -> int:
        """
        Failures in a row, as the provider's rule counts them.
        """
    @property
    def header_names(self, /) -> list[str]:
        """
        The names of its custom headers.
        """
    @property
    def id(self, /) -> int:
        """
        Its id.
        """
    @property
    def last_attempt_at(self, /) -> datetime | None:
        """
        When the last attempt ended, in UTC.
        """
    @property
    def last_error_code(self, /) -> str | None:
        """
        Why the last attempt got no response, such as ``"timeout"``.
        """
    @property
    def last_response_code(self, /) -> int | None:
        """
        The last response's status code.
        """
    @property
    def name(self, /) -> str:
        """
        For people.
        """
    @property
    def ordered(self, /) -> bool:
        """
        Whether deliveries go out one at a time, in order.
        """
    @property
    def rate_limit(self, /) -> float | None:
        """
        The most requests in a second.
        """
    @property
    def retry(self, /) -> RetryPolicy | None:
        """
        When to try again, if it is not the provider's policy.
        """
    @property
    def secret(self, /) -> Secret | None:
        """
        What requests are signed with, of an endpoint that was just created: it is not shown again.
        """
    @property
    def status(self, /) -> str:
        """
        ``"active"`` or ``"disabled"``.
        """
    @property
    def subscribed(self, /) -> int:
        """
        How many types of the provider's catalog these are.
        """
    @property
    def tenant(self, /) -> str | None:
        """
        Whose events; ``None`` for those of all tenants.
        """
    @property
    def timeout(self, /) -> timedelta | None:
        """
        For a whole attempt, if it is not the provider's.
        """
    @property
    def updated_at(self, /) -> datetime:
        """
        When it was changed last, in UTC.
        """
    @property
    def url(self, /) -> str:
        """
        Where to.
        """
    @property
    def version(self, /) -> int:
        """
        Grows with every change.
        """

@final
class StoredEvent:
    """
    An event as the log shows it.
    """
    def __repr__(self, /) -> str: ...
    @property
    def body(self, /) -> bytes | None:
        """
        The exact bytes that were received; ``None`` in a list of events, or if they are not kept any more.
        """
    @property
    def done_at(self, /) -> datetime | None:
        """
        When it was handled, failed or discarded, in UTC.
        """
    @property
    def error_code(self, /) -> str | None:
        """
        Why the last try failed, such as ``"handler_failed"`` or ``"timeout"``.
        """
    @property
    def id(self, /) -> str:
        """
        The event's id, or ``sha256:`` and the hash of the body where the provider gives none.
        """
    @property
    def next_try(self, /) -> datetime | None:
        """
        When the next try is due, in UTC, while it is pending.
        """
    @property
    def received_at(self, /) -> datetime:
        """
        When it was received, in UTC.
        """
    @property
    def status(self, /) -> str:
        """
        ``"pending"``, ``"handled"``, ``"failed"`` or ``"discarded"``.
        """
    @property
    def tenant(self, /) -> str | None:
        """
        Whose event it is, where the provider says.
        """
    @property
    def timestamp(self, /) -> datetime | None:
        """
        When it happened, as far as the provider says, in UTC; ``None`` in a list of events.
        """
    @property
    def tries(self, /) -> list[StoredTry] | None:
        """
        All its tries, in order; ``None`` in a list of events.
        """
    @property
    def try_count(self, /) -> int:
        """
        How many tries there were, since it was last retried by hand.
        """
    @property
    def type(self, /) -> str:
        """
        What happened, such as ``"booking.created"``; empty if the event has no type.
        """

@final
class StoredMessage:
    """
    A message as it is stored.
    """
    def __repr__(self, /) -> str: ...
    @property
    def body(self, /) -> bytes | None:
        """
        The exact bytes that are delivered, unless they were expunged or too old to be kept.
        """
    @property
    def created_at(self, /) -> datetime:
        """
        When it was stored, in UTC.
        """
    @property
    def id(self, /) -> str:
        """
        The event's id, the same on every delivery.
        """
    @property
    def key(self, /) -> int:
        """
        Its number in the store.
        """
    @property
    def tenant(self, /) -> str | None:
        """
        Whose event it is.
        """
    @property
    def timestamp(self, /) -> datetime:
        """
        When the event happened, in UTC.
        """
    @property
    def type(self, /) -> str:
        """
        What happened, such as ``"booking.created"``.
        """

@final
class StoredTry:
    """
    One try to handle an event, as the log shows it.
    """
    def __repr__(self, /) -> str: ...
    @property
    def duration(self, /) -> timedelta:
        """
        How long it took.
        """
    @property
    def duration_ms(self, /) -> int:
        """
        The same in milliseconds.
        """
    @property
    def error(self, /) -> str | None:
        """
        Why it failed, in the handler's own words; ``None`` if it succeeded.
        """
    @property
    def error_code(self, /) -> str | None:
        """
        Why it failed: ``"handler_failed"``, ``"timeout"``, ``"discarded"``, ``"no_handler"``, or ``"lost"`` if the
        process ended.
        """
    @property
    def number(self, /) -> int:
        """
        Which one, from 1; it begins anew with every retry by hand.
        """
    @property
    def started_at(self, /) -> datetime:
        """
        When it began, in UTC.
        """
    @property
    def succeeded(self, /) -> bool:
        """
        Whether the handler has handled it.
        """

@final
class Task:
    """
    A call in the background.
    """
    def cancel(self, /) -> None:
        """
        Waits for it no more; what it had begun to write may be written all the same.
        """

@final
class TestResult:
    """
    What came of a test at one endpoint.
    """
    def __repr__(self, /) -> str: ...
    @property
    def attempt(self, /) -> StoredAttempt | None:
        """
        The attempt; ``None`` if no process delivered it in time.
        """
    @property
    def delivered(self, /) -> bool:
        """
        Whether the receiver accepted it.
        """
    @property
    def delivery(self, /) -> int:
        """
        The delivery's id in the log.
        """
    @property
    def endpoint(self, /) -> int:
        """
        The endpoint's id.
        """

@final
class Usage:
    """
    What was counted in a span of time.
    """
    def __repr__(self, /) -> str: ...
    @property
    def credits(self, /) -> int:
        """
        What they cost.
        """
    @property
    def deliveries(self, /) -> int:
        """
        Successful deliveries that cost something.
        """

@final
class Webhook:
    """
    A provider and its secrets: one, or several with the newest first.

    ``provider`` is a ``Provider`` or the id of one that is built in, Standard Webhooks by default. ``tolerance`` is how far a timestamp may lie off: a ``timedelta`` or seconds, or ``(past, future)``; the
    provider's own by default. Raises ``ConfigError`` (``invalid_secret``, ``unknown_provider``) and warns with
    ``SecretWarning`` of secrets that are weak or had whitespace around them.

    ``explain_failures`` is for development: the errors that ``verify`` raises have what ``explain`` says as their
    ``notes``, and adapters log it. By default it is on only where ``HOOKSEAL_EXPLAIN=1`` is in the environment.
    """
    def __new__(cls, /, secret: Secrets, *, provider: Provider | str = ..., tolerance: Tolerance | None = None, explain_failures: "bool | None" = None) -> Webhook: ...
    def __repr__(self, /) -> str: ...
    def explain(self, /, body: Body, headers: Headers, *, now: Time | None = None, url: str | None = None, method: str | None = None, framework: Framework | None = None, other_secrets: Secrets | None = None) -> Explanation:
        """
        Says why a request does not verify, and what to do: for its developer, never for whoever sent it. It takes
        what ``verify`` takes, and all headers of the request. ``framework`` makes the remedies those of one's own;
        ``other_secrets`` are more secrets of the same owner, one of which may have signed the request.
        """
    def handshake(self, /, body: Body, headers: Headers, *, now: Time | None = None, url: str | None = None, method: str | None = None, verify_token: str | None = None) -> HandshakeAnswer | None:
        """
        The answer to a vendor's handshake, by which it finds out whether the endpoint is its owner's (Slack, Zoom,
        Meta, X …); ``None`` if the request is none. Ask before ``verify``, for requests of every method. ``url`` is
        the request's, or its path and query: several vendors ask there. ``verify_token`` is the token that was
        agreed on with the vendor (Meta), no signing secret. Raises ``VerificationError``.
        """
    @property
    def header_names(self, /) -> list[str]:
        """
        The names of the headers that ``verify`` reads, in lower case.
        """
    @property
    def provider(self, /) -> Provider:
        """
        The provider whose conventions are followed.
        """
    def sign(self, /, body: Body, *, id: str | None = None, timestamp: Time | None = None, type: str | None = None, url: str | None = None, method: str | None = None) -> "dict[str, str]":
        """
        Every header to send with this body. ``id`` and ``timestamp`` are made where they are not given;
        ``type``, ``url`` and ``method`` are for the providers that send or sign them.
        """
    def verify(self, /, body: Body, headers: Headers, *, now: Time | None = None, url: str | None = None, method: str | None = None, framework: Framework | None = None) -> Event:
        """
        Verifies a request and returns its event. ``body`` is the raw body as it came, not the parsed JSON;
        ``headers`` are the request's headers in any form a framework has them. ``url`` and ``method`` are for
        the providers that sign them, ``now`` is for tests, ``framework`` is named in the notes of errors. Raises
        ``VerificationError``.
        """

@final
class Work:
    """
    One call on a sender; ``wait`` or ``start`` it, once.
    """
    def start(self, /, settle: Any) -> Task:
        """
        Begins it and returns at once. ``settle`` is called with the result or an exception, on another thread,
        unless the task was cancelled.
        """
    def wait(self, /) -> Any:
        """
        Does it and returns the result. Other threads run meanwhile, and Ctrl-C ends the waiting.
        """

def certainties() -> list[str]:
    """
    How sure findings are, the surest first.
    """

def errors() -> dict[str, str]:
    """
    Every error code, with one sentence that says what it means.
    """

def findings() -> dict[str, str]:
    """
    Every code of a finding, with one sentence that says what it means.
    """

def frameworks() -> list[str]:
    """
    The web frameworks that remedies are known for.
    """

def http_status(code: str) -> int:
    """
    The HTTP status to answer with when a request that was received led to an error of this code.
    """

def providers() -> list[Provider]:
    """
    The providers that are built in.
    """

def public_url(registered: str, target: str) -> str:
    """
    The url to verify a request with: the registered one, and of the request's path and query what it leaves out.
    """

def python_types(provider: Provider | str) -> str:
    """
    The source text of a module with the types of a provider's events. Raises ``ConfigError``
    (``invalid_argument``) if its file has no catalog.
    """

def refusal(code: str) -> tuple[int, int | None]:
    """
    The HTTP status to answer with when a request led to an error of this code, and the seconds to send as
    ``Retry-After`` if the sender shall try again.
    """

def signed_request(secret: str | Secret, *, provider: Provider | str = ..., type: str | None = None, data: Any | None = None, body: Body | None = None, id: str | None = None, tenant: str | None = None, now: Time | None = None, url: str | None = None, method: str | None = None) -> SignedRequest:
    """
    A request of this provider to a receiver that has this secret; where signatures are asymmetric, the private key.

    It is the catalog's example of ``type``; or ``data``, which is anything that ``json.dumps`` takes, as an event of
    this type in the provider's envelope; or ``body`` as it is. Without any of them it is the first example of the
    catalog, or an event of type ``test``. Id and time are made where they are not given. Raises ``ConfigError``.
    """

def start_delivery(client: Client, endpoint: Endpoint, event: Event, settle: Any) -> DeliveryTask:
    """
    Starts a delivery and returns at once. ``settle`` is called with the ``Delivery`` or an exception, on another
    thread, unless the task was cancelled.
    """
