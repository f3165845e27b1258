"""The events of Kakiyo.

Made from its provider file: change that, not this.
"""

from typing import Literal, TypeAlias, TypedDict, cast

import hookseal
from hookseal.types import TypedEvent, UnlistedEvent


class LinkedinMessageSent(TypedDict, total=False):
    """Agent sends a message to a prospect.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    agentId: str
    campaignId: str
    chatId: str
    prospectId: str
    message: str
    timestamp: str


LinkedinMessageSentEvent: TypeAlias = TypedEvent[Literal["linkedin.message.sent"], LinkedinMessageSent]
"""Agent sends a message to a prospect."""


class LinkedinMessageReceived(TypedDict):
    """Prospect responds to an agent."""

    agentId: str
    campaignId: str
    chatId: str
    prospectId: str
    message: str
    timestamp: str


LinkedinMessageReceivedEvent: TypeAlias = TypedEvent[
    Literal["linkedin.message.received"], LinkedinMessageReceived
]
"""Prospect responds to an agent."""


class LinkedinInvitationSent(TypedDict, total=False):
    """Agent sends a connection invitation.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    agentId: str
    campaignId: str
    prospectId: str
    message: str
    timestamp: str


LinkedinInvitationSentEvent: TypeAlias = TypedEvent[
    Literal["linkedin.invitation.sent"], LinkedinInvitationSent
]
"""Agent sends a connection invitation."""


class LinkedinInvitationAccepted(TypedDict, total=False):
    """Prospect accepts a connection invitation.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    agentId: str
    campaignId: str
    chatId: str
    prospectId: str
    timestamp: str


LinkedinInvitationAcceptedEvent: TypeAlias = TypedEvent[
    Literal["linkedin.invitation.accepted"], LinkedinInvitationAccepted
]
"""Prospect accepts a connection invitation."""

Event: TypeAlias = (
    LinkedinMessageSentEvent
    | LinkedinMessageReceivedEvent
    | LinkedinInvitationSentEvent
    | LinkedinInvitationAcceptedEvent
    | UnlistedEvent
)
"""All of them, and those of types that are not listed here."""


def typed(event: hookseal.Event) -> Event:
    """Return the event itself, of which the type tells the data."""
    return cast("Event", event)
