// The events of Kazinex. Made from its provider file: change that, not this.
import type { TypedEvent, UnlistedEvent } from '../event.js'

/** New workflow instance started. No page of theirs shows its data: what is assumed here may be absent. */
export interface WorkflowCreated {
  workflow_id?: string
  title?: string
  reference?: string
  template_id?: string
  template_name?: string
  status?: string
  priority?: string
  due_date?: string
  initiator_id?: string
  initiator_name?: string
  created_at?: string
}

/** New workflow instance started. */
export type WorkflowCreatedEvent = TypedEvent<'workflow.created', WorkflowCreated>

/** Workflow instance completed (all steps done). No page of theirs shows its data: what is assumed here may be absent. */
export interface WorkflowCompleted {
  workflow_id?: string
  title?: string
  reference?: string
  status?: string
  final_decision?: string
  completed_at?: string
  duration_hours?: number
}

/** Workflow instance completed (all steps done). */
export type WorkflowCompletedEvent = TypedEvent<'workflow.completed', WorkflowCompleted>

/** A single workflow step completed. No page of theirs shows its data: what is assumed here may be absent. */
export interface WorkflowStepCompleted {
  workflow_id?: string
  step_id?: string
  step_name?: string
  step_type?: string
  assignee_id?: string
  action?: string
  responded_at?: string
  on_time?: boolean
}

/** A single workflow step completed. */
export type WorkflowStepCompletedEvent = TypedEvent<'workflow.step_completed', WorkflowStepCompleted>

/** New document record created. No page of theirs shows its data: what is assumed here may be absent. */
export interface DocumentCreated {
  document_id?: string
  number?: string
  title?: string
  revision?: string
  status?: string
  created_by?: string
  created_at?: string
}

/** New document record created. */
export type DocumentCreatedEvent = TypedEvent<'document.created', DocumentCreated>

/** Document status changed (e.g. draft → approved). No page of theirs shows its data: what is assumed here may be absent. */
export interface DocumentStatusChanged {
  document_id?: string
  number?: string
  revision?: string
  previous_status?: string
  status?: string
  changed_by?: string
  changed_at?: string
}

/** Document status changed (e.g. draft → approved). */
export type DocumentStatusChangedEvent = TypedEvent<'document.status_changed', DocumentStatusChanged>

/** Part of TransmittalIssued. */
export interface TransmittalIssuedRecipients {
  id?: string
  name?: string
  company?: string
}

/** Transmittal issued to recipients. No page of theirs shows its data: what is assumed here may be absent. */
export interface TransmittalIssued {
  transmittal_id?: string
  number?: string
  subject?: string
  document_ids?: string[]
  recipients?: TransmittalIssuedRecipients[]
  issued_by?: string
  issued_at?: string
}

/** Transmittal issued to recipients. */
export type TransmittalIssuedEvent = TypedEvent<'transmittal.issued', TransmittalIssued>

/** Part of TransmittalAcknowledged. */
export interface TransmittalAcknowledgedRecipient {
  id?: string
  name?: string
  company?: string
}

/** Transmittal acknowledged by a recipient. No page of theirs shows its data: what is assumed here may be absent. */
export interface TransmittalAcknowledged {
  transmittal_id?: string
  number?: string
  recipient?: TransmittalAcknowledgedRecipient
  acknowledged_at?: string
}

/** Transmittal acknowledged by a recipient. */
export type TransmittalAcknowledgedEvent = TypedEvent<'transmittal.acknowledged', TransmittalAcknowledged>

/** All of them, and those of types that are not listed here. */
export type Event =
  | WorkflowCreatedEvent
  | WorkflowCompletedEvent
  | WorkflowStepCompletedEvent
  | DocumentCreatedEvent
  | DocumentStatusChangedEvent
  | TransmittalIssuedEvent
  | TransmittalAcknowledgedEvent
  | UnlistedEvent
