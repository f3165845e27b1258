"""The events of Kazinex.

Made from its provider file: change that, not this.
"""

from typing import Literal, TypeAlias, TypedDict, cast

import hookseal
from hookseal.types import TypedEvent, UnlistedEvent


class WorkflowCreated(TypedDict, total=False):
    """New workflow instance started.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    workflow_id: str
    title: str
    reference: str
    template_id: str
    template_name: str
    status: str
    priority: str
    due_date: str
    initiator_id: str
    initiator_name: str
    created_at: str


WorkflowCreatedEvent: TypeAlias = TypedEvent[Literal["workflow.created"], WorkflowCreated]
"""New workflow instance started."""


class WorkflowCompleted(TypedDict, total=False):
    """Workflow instance completed (all steps done).

    No page of theirs shows its data: what is assumed here may be absent.
    """

    workflow_id: str
    title: str
    reference: str
    status: str
    final_decision: str
    completed_at: str
    duration_hours: float


WorkflowCompletedEvent: TypeAlias = TypedEvent[Literal["workflow.completed"], WorkflowCompleted]
"""Workflow instance completed (all steps done)."""


class WorkflowStepCompleted(TypedDict, total=False):
    """A single workflow step completed.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    workflow_id: str
    step_id: str
    step_name: str
    step_type: str
    assignee_id: str
    action: str
    responded_at: str
    on_time: bool


WorkflowStepCompletedEvent: TypeAlias = TypedEvent[Literal["workflow.step_completed"], WorkflowStepCompleted]
"""A single workflow step completed."""


class DocumentCreated(TypedDict, total=False):
    """New document record created.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    document_id: str
    number: str
    title: str
    revision: str
    status: str
    created_by: str
    created_at: str


DocumentCreatedEvent: TypeAlias = TypedEvent[Literal["document.created"], DocumentCreated]
"""New document record created."""


class DocumentStatusChanged(TypedDict, total=False):
    """Document status changed (e.g. draft → approved).

    No page of theirs shows its data: what is assumed here may be absent.
    """

    document_id: str
    number: str
    revision: str
    previous_status: str
    status: str
    changed_by: str
    changed_at: str


DocumentStatusChangedEvent: TypeAlias = TypedEvent[Literal["document.status_changed"], DocumentStatusChanged]
"""Document status changed (e.g. draft → approved)."""


class TransmittalIssuedRecipients(TypedDict, total=False):
    """Part of TransmittalIssued."""

    id: str
    name: str
    company: str


class TransmittalIssued(TypedDict, total=False):
    """Transmittal issued to recipients.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    transmittal_id: str
    number: str
    subject: str
    document_ids: list[str]
    recipients: list[TransmittalIssuedRecipients]
    issued_by: str
    issued_at: str


TransmittalIssuedEvent: TypeAlias = TypedEvent[Literal["transmittal.issued"], TransmittalIssued]
"""Transmittal issued to recipients."""


class TransmittalAcknowledgedRecipient(TypedDict, total=False):
    """Part of TransmittalAcknowledged."""

    id: str
    name: str
    company: str


class TransmittalAcknowledged(TypedDict, total=False):
    """Transmittal acknowledged by a recipient.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    transmittal_id: str
    number: str
    recipient: TransmittalAcknowledgedRecipient
    acknowledged_at: str


TransmittalAcknowledgedEvent: TypeAlias = TypedEvent[
    Literal["transmittal.acknowledged"], TransmittalAcknowledged
]
"""Transmittal acknowledged by a recipient."""

Event: TypeAlias = (
    WorkflowCreatedEvent
    | WorkflowCompletedEvent
    | WorkflowStepCompletedEvent
    | DocumentCreatedEvent
    | DocumentStatusChangedEvent
    | TransmittalIssuedEvent
    | TransmittalAcknowledgedEvent
    | UnlistedEvent
)
"""All of them, and those of types that are not listed here."""


def typed(event: hookseal.Event) -> Event:
    """Return the event itself, of which the type tells the data."""
    return cast("Event", event)
