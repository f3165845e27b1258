"""Webhooks from both ends: verify what you receive, sign and deliver what you send."""

from hookseal._native import VERSION as __version__
from hookseal._native import (
    Attempt,
    Client,
    Delivery,
    Endpoint,
    Event,
    EventType,
    Next,
    Provider,
    RetryPolicy,
    Secret,
    Webhook,
    providers,
)
from hookseal.async_client import AsyncClient
from hookseal.exceptions import (
    ConfigError,
    DeliveryError,
    HooksealError,
    SecretWarning,
    StoreError,
    VerificationError,
    errors,
)

__all__ = [
    "AsyncClient",
    "Attempt",
    "Client",
    "ConfigError",
    "Delivery",
    "DeliveryError",
    "Endpoint",
    "Event",
    "EventType",
    "HooksealError",
    "Next",
    "Provider",
    "RetryPolicy",
    "Secret",
    "SecretWarning",
    "StoreError",
    "VerificationError",
    "Webhook",
    "__version__",
    "errors",
    "providers",
]
