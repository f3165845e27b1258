// The events of Kakiyo. Made from its provider file: change that, not this.
import type { TypedEvent, UnlistedEvent } from '../event.js'

/** Agent sends a message to a prospect. No page of theirs shows its data: what is assumed here may be absent. */
export interface LinkedinMessageSent {
  agentId?: string
  campaignId?: string
  chatId?: string
  prospectId?: string
  message?: string
  timestamp?: string
}

/** Agent sends a message to a prospect. */
export type LinkedinMessageSentEvent = TypedEvent<'linkedin.message.sent', LinkedinMessageSent>

/** Prospect responds to an agent. */
export interface LinkedinMessageReceived {
  agentId: string
  campaignId: string
  chatId: string
  prospectId: string
  message: string
  timestamp: string
}

/** Prospect responds to an agent. */
export type LinkedinMessageReceivedEvent = TypedEvent<'linkedin.message.received', LinkedinMessageReceived>

/** Agent sends a connection invitation. No page of theirs shows its data: what is assumed here may be absent. */
export interface LinkedinInvitationSent {
  agentId?: string
  campaignId?: string
  prospectId?: string
  message?: string
  timestamp?: string
}

/** Agent sends a connection invitation. */
export type LinkedinInvitationSentEvent = TypedEvent<'linkedin.invitation.sent', LinkedinInvitationSent>

/** Prospect accepts a connection invitation. No page of theirs shows its data: what is assumed here may be absent. */
export interface LinkedinInvitationAccepted {
  agentId?: string
  campaignId?: string
  chatId?: string
  prospectId?: string
  timestamp?: string
}

/** Prospect accepts a connection invitation. */
export type LinkedinInvitationAcceptedEvent = TypedEvent<
  'linkedin.invitation.accepted',
  LinkedinInvitationAccepted
>

/** All of them, and those of types that are not listed here. */
export type Event =
  | LinkedinMessageSentEvent
  | LinkedinMessageReceivedEvent
  | LinkedinInvitationSentEvent
  | LinkedinInvitationAcceptedEvent
  | UnlistedEvent
