// The events of Kagibag. Made from its provider file: change that, not this.
import type { TypedEvent, UnlistedEvent } from '../event.js'

/** Part of TrackingAttributedOrder. */
export interface TrackingAttributedOrderTotal {
  amount?: number
  currency?: string
}

/** Part of TrackingAttributedOrder. */
export interface TrackingAttributedOrderAttribution {
  source?: string
  medium?: string
  campaign?: string
  referrer?: string
  first_seen_at?: string
}

/** A tracked visitor completed an order (includes attribution data). No page of theirs shows its data: what is assumed here may be absent. */
export interface TrackingAttributedOrder {
  order_id?: string
  event_id?: string
  visitor_id?: string
  total?: TrackingAttributedOrderTotal
  attribution?: TrackingAttributedOrderAttribution
  completed_at?: string
}

/** A tracked visitor completed an order (includes attribution data). */
export type TrackingAttributedOrderEvent = TypedEvent<'tracking.attributed_order', TrackingAttributedOrder>

/** Part of OrderPaid. */
export interface OrderPaidTotal {
  amount?: number
  currency?: string
}

/** Part of OrderPaid. */
export interface OrderPaidBuyer {
  name?: string
  email?: string
}

/** Part of OrderPaid. */
export interface OrderPaidItems {
  ticket_type?: string
  quantity?: number
  unit_price?: number
}

/** An order was successfully paid. No page of theirs shows its data: what is assumed here may be absent. */
export interface OrderPaid {
  order_id?: string
  event_id?: string
  status?: string
  total?: OrderPaidTotal
  buyer?: OrderPaidBuyer
  items?: OrderPaidItems[]
  paid_at?: string
  /** Whether it is a test that somebody sent. */
  test?: boolean
}

/** An order was successfully paid. */
export type OrderPaidEvent = TypedEvent<'order.paid', OrderPaid>

/** An attendee was checked in at the event. No page of theirs shows its data: what is assumed here may be absent. */
export interface AttendeeCheckedIn {
  attendee_id?: string
  event_id?: string
  order_id?: string
  name?: string
  email?: string
  ticket_type?: string
  gate?: string
  checked_in_at?: string
}

/** An attendee was checked in at the event. */
export type AttendeeCheckedInEvent = TypedEvent<'attendee.checked_in', AttendeeCheckedIn>

/** Part of AttendeeConnectionMade. */
export interface AttendeeConnectionMadeAttendees {
  attendee_id?: string
  name?: string
}

/** Two attendees connected at the event. No page of theirs shows its data: what is assumed here may be absent. */
export interface AttendeeConnectionMade {
  connection_id?: string
  event_id?: string
  attendees?: AttendeeConnectionMadeAttendees[]
  connected_at?: string
}

/** Two attendees connected at the event. */
export type AttendeeConnectionMadeEvent = TypedEvent<'attendee.connection_made', AttendeeConnectionMade>

/** Part of BoothLeadCaptured. */
export interface BoothLeadCapturedAttendee {
  attendee_id?: string
  name?: string
  email?: string
  company?: string
}

/** A booth exhibitor captured a new lead. No page of theirs shows its data: what is assumed here may be absent. */
export interface BoothLeadCaptured {
  lead_id?: string
  event_id?: string
  booth_id?: string
  exhibitor_id?: string
  attendee?: BoothLeadCapturedAttendee
  notes?: string
  rating?: number
  captured_at?: string
}

/** A booth exhibitor captured a new lead. */
export type BoothLeadCapturedEvent = TypedEvent<'booth.lead_captured', BoothLeadCaptured>

/** A badge was scanned at a booth. No page of theirs shows its data: what is assumed here may be absent. */
export interface BoothScan {
  scan_id?: string
  event_id?: string
  booth_id?: string
  exhibitor_id?: string
  attendee_id?: string
  scanned_by?: string
  scanned_at?: string
}

/** A badge was scanned at a booth. */
export type BoothScanEvent = TypedEvent<'booth.scan', BoothScan>

/** A connection was made between an attendee and exhibitor. No page of theirs shows its data: what is assumed here may be absent. */
export interface BoothConnectionCreated {
  connection_id?: string
  event_id?: string
  booth_id?: string
  exhibitor_id?: string
  attendee_id?: string
  initiated_by?: string
  created_at?: string
}

/** A connection was made between an attendee and exhibitor. */
export type BoothConnectionCreatedEvent = TypedEvent<'booth.connection_created', BoothConnectionCreated>

/** Part of BoothOrderPaid. */
export interface BoothOrderPaidTotal {
  amount?: number
  currency?: string
}

/** A booth package was purchased. No page of theirs shows its data: what is assumed here may be absent. */
export interface BoothOrderPaid {
  order_id?: string
  event_id?: string
  booth_id?: string
  exhibitor_id?: string
  package?: string
  total?: BoothOrderPaidTotal
  paid_at?: string
}

/** A booth package was purchased. */
export type BoothOrderPaidEvent = TypedEvent<'booth.order_paid', BoothOrderPaid>

/** All of them, and those of types that are not listed here. */
export type Event =
  | TrackingAttributedOrderEvent
  | OrderPaidEvent
  | AttendeeCheckedInEvent
  | AttendeeConnectionMadeEvent
  | BoothLeadCapturedEvent
  | BoothScanEvent
  | BoothConnectionCreatedEvent
  | BoothOrderPaidEvent
  | UnlistedEvent
