// The events of Kazinex. Made from its provider file: change that, not this.

/// The events of Kazinex. An event tells which by its type.
#[allow(clippy::large_enum_variant, reason = "one at a time is read")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// New workflow instance started.
    WorkflowCreated(WorkflowCreated),
    /// Workflow instance completed (all steps done).
    WorkflowCompleted(WorkflowCompleted),
    /// A single workflow step completed.
    WorkflowStepCompleted(WorkflowStepCompleted),
    /// New document record created.
    DocumentCreated(DocumentCreated),
    /// Document status changed (e.g. draft → approved).
    DocumentStatusChanged(DocumentStatusChanged),
    /// Transmittal issued to recipients.
    TransmittalIssued(TransmittalIssued),
    /// Transmittal acknowledged by a recipient.
    TransmittalAcknowledged(TransmittalAcknowledged),
    /// An event of a type that is not listed here.
    Other,
}

impl hookseal::TypedEvent for Event {
    fn read<B: AsRef<[u8]>>(event: &hookseal::Event<B>) -> hookseal::Result<Self> {
        Ok(match event.event_type() {
            Some("workflow.created") => Self::WorkflowCreated(event.data()?),
            Some("workflow.completed") => Self::WorkflowCompleted(event.data()?),
            Some("workflow.step_completed") => Self::WorkflowStepCompleted(event.data()?),
            Some("document.created") => Self::DocumentCreated(event.data()?),
            Some("document.status_changed") => Self::DocumentStatusChanged(event.data()?),
            Some("transmittal.issued") => Self::TransmittalIssued(event.data()?),
            Some("transmittal.acknowledged") => Self::TransmittalAcknowledged(event.data()?),
            _ => Self::Other,
        })
    }
}

/// New workflow instance started.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct WorkflowCreated {
    pub workflow_id: Option<String>,
    pub title: Option<String>,
    pub reference: Option<String>,
    pub template_id: Option<String>,
    pub template_name: Option<String>,
    pub status: Option<String>,
    pub priority: Option<String>,
    pub due_date: Option<String>,
    pub initiator_id: Option<String>,
    pub initiator_name: Option<String>,
    pub created_at: Option<String>,
}

/// Workflow instance completed (all steps done).
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct WorkflowCompleted {
    pub workflow_id: Option<String>,
    pub title: Option<String>,
    pub reference: Option<String>,
    pub status: Option<String>,
    pub final_decision: Option<String>,
    pub completed_at: Option<String>,
    pub duration_hours: Option<f64>,
}

/// A single workflow step completed.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct WorkflowStepCompleted {
    pub workflow_id: Option<String>,
    pub step_id: Option<String>,
    pub step_name: Option<String>,
    pub step_type: Option<String>,
    pub assignee_id: Option<String>,
    pub action: Option<String>,
    pub responded_at: Option<String>,
    pub on_time: Option<bool>,
}

/// New document record created.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct DocumentCreated {
    pub document_id: Option<String>,
    pub number: Option<String>,
    pub title: Option<String>,
    pub revision: Option<String>,
    pub status: Option<String>,
    pub created_by: Option<String>,
    pub created_at: Option<String>,
}

/// Document status changed (e.g. draft → approved).
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct DocumentStatusChanged {
    pub document_id: Option<String>,
    pub number: Option<String>,
    pub revision: Option<String>,
    pub previous_status: Option<String>,
    pub status: Option<String>,
    pub changed_by: Option<String>,
    pub changed_at: Option<String>,
}

/// Transmittal issued to recipients.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct TransmittalIssued {
    pub transmittal_id: Option<String>,
    pub number: Option<String>,
    pub subject: Option<String>,
    pub document_ids: Option<Vec<String>>,
    pub recipients: Option<Vec<TransmittalIssuedRecipients>>,
    pub issued_by: Option<String>,
    pub issued_at: Option<String>,
}

/// Part of TransmittalIssued.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct TransmittalIssuedRecipients {
    pub id: Option<String>,
    pub name: Option<String>,
    pub company: Option<String>,
}

/// Transmittal acknowledged by a recipient.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct TransmittalAcknowledged {
    pub transmittal_id: Option<String>,
    pub number: Option<String>,
    pub recipient: Option<TransmittalAcknowledgedRecipient>,
    pub acknowledged_at: Option<String>,
}

/// Part of TransmittalAcknowledged.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct TransmittalAcknowledgedRecipient {
    pub id: Option<String>,
    pub name: Option<String>,
    pub company: Option<String>,
}
