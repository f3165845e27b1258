// The events of WebKasa. Made from its provider file: change that, not this.
import type { TypedEvent, UnlistedEvent } from '../event.js'

/** A new booking was created. */
export interface BookingCreated {
  id: string
  schedule_id: string
  start_time: string
  end_time: string
  status: string
  attendee_name: string
  attendee_email: string
}

/** A new booking was created. */
export type BookingCreatedEvent = TypedEvent<'booking.created', BookingCreated>

/** A booking was confirmed. No page of theirs shows its data: what is assumed here may be absent. */
export interface BookingConfirmed {
  id?: string
  schedule_id?: string
  start_time?: string
  end_time?: string
  status?: string
  attendee_name?: string
  attendee_email?: string
}

/** A booking was confirmed. */
export type BookingConfirmedEvent = TypedEvent<'booking.confirmed', BookingConfirmed>

/** A booking was cancelled. No page of theirs shows its data: what is assumed here may be absent. */
export interface BookingCancelled {
  id?: string
  schedule_id?: string
  start_time?: string
  end_time?: string
  status?: string
  attendee_name?: string
  attendee_email?: string
  cancellation_reason?: string
}

/** A booking was cancelled. */
export type BookingCancelledEvent = TypedEvent<'booking.cancelled', BookingCancelled>

/** A booking was marked as completed. No page of theirs shows its data: what is assumed here may be absent. */
export interface BookingCompleted {
  id?: string
  schedule_id?: string
  start_time?: string
  end_time?: string
  status?: string
  attendee_name?: string
  attendee_email?: string
}

/** A booking was marked as completed. */
export type BookingCompletedEvent = TypedEvent<'booking.completed', BookingCompleted>

/** A new event was created. No page of theirs shows its data: what is assumed here may be absent. */
export interface EventCreated {
  id?: string
  title?: string
  start_time?: string
  end_time?: string
  location?: string
  capacity?: number
  status?: string
}

/** A new event was created. */
export type EventCreatedEvent = TypedEvent<'event.created', EventCreated>

/** An event was updated. No page of theirs shows its data: what is assumed here may be absent. */
export interface EventUpdated {
  id?: string
  title?: string
  start_time?: string
  end_time?: string
  location?: string
  capacity?: number
  status?: string
}

/** An event was updated. */
export type EventUpdatedEvent = TypedEvent<'event.updated', EventUpdated>

/** An event was cancelled. No page of theirs shows its data: what is assumed here may be absent. */
export interface EventCancelled {
  id?: string
  title?: string
  start_time?: string
  end_time?: string
  location?: string
  capacity?: number
  status?: string
}

/** An event was cancelled. */
export type EventCancelledEvent = TypedEvent<'event.cancelled', EventCancelled>

/** A new event registration. No page of theirs shows its data: what is assumed here may be absent. */
export interface RegistrationCreated {
  id?: string
  event_id?: string
  status?: string
  attendee_name?: string
  attendee_email?: string
  seats?: number
}

/** A new event registration. */
export type RegistrationCreatedEvent = TypedEvent<'registration.created', RegistrationCreated>

/** A registration was cancelled. No page of theirs shows its data: what is assumed here may be absent. */
export interface RegistrationCancelled {
  id?: string
  event_id?: string
  status?: string
  attendee_name?: string
  attendee_email?: string
  seats?: number
}

/** A registration was cancelled. */
export type RegistrationCancelledEvent = TypedEvent<'registration.cancelled', RegistrationCancelled>

/** All of them, and those of types that are not listed here. */
export type Event =
  | BookingCreatedEvent
  | BookingConfirmedEvent
  | BookingCancelledEvent
  | BookingCompletedEvent
  | EventCreatedEvent
  | EventUpdatedEvent
  | EventCancelledEvent
  | RegistrationCreatedEvent
  | RegistrationCancelledEvent
  | UnlistedEvent
