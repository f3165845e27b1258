"""Webhooks from both ends: verify what you receive, sign and deliver what you send."""

from hookseal._native import VERSION as __version__
from hookseal._native import (
    Attempt,
    Client,
    Delivery,
    DeliveryPage,
    Endpoint,
    EndpointPage,
    Event,
    EventType,
    Explanation,
    Finding,
    Job,
    Message,
    Next,
    Notice,
    Provider,
    RetryPolicy,
    Secret,
    Stats,
    StoredAttempt,
    StoredDelivery,
    StoredEndpoint,
    StoredMessage,
    TestResult,
    Usage,
    Webhook,
    providers,
)
from hookseal._native import findings as _findings
from hookseal.async_client import AsyncClient
from hookseal.async_sender import AsyncSender
from hookseal.exceptions import (
    ConfigError,
    DeliveryError,
    HooksealError,
    SecretWarning,
    StoreError,
    VerificationError,
    errors,
)
from hookseal.sender import Sender

findings: dict[str, str] = _findings()
"""Every code of what ``Webhook.explain`` finds, with one sentence that says what it means."""

__all__ = [
    "AsyncClient",
    "AsyncSender",
    "Attempt",
    "Client",
    "ConfigError",
    "Delivery",
    "DeliveryError",
    "DeliveryPage",
    "Endpoint",
    "EndpointPage",
    "Event",
    "EventType",
    "Explanation",
    "Finding",
    "HooksealError",
    "Job",
    "Message",
    "Next",
    "Notice",
    "Provider",
    "RetryPolicy",
    "Secret",
    "SecretWarning",
    "Sender",
    "Stats",
    "StoreError",
    "StoredAttempt",
    "StoredDelivery",
    "StoredEndpoint",
    "StoredMessage",
    "TestResult",
    "Usage",
    "VerificationError",
    "Webhook",
    "__version__",
    "errors",
    "findings",
    "providers",
]
