package dev.hookseal.events

// The events of Kagibag. Made from its provider file: change that, not this.

import dev.hookseal.Members
import dev.hookseal.Shape
import dev.hookseal.TypedEvent
import dev.hookseal.VerificationException
import dev.hookseal.read

/** The events of Kagibag. */
public object Kagibag {
    /** An event of a type that is listed here, with its data, or another one. */
    public sealed interface Event : TypedEvent

    /** A tracked visitor completed an order (includes attribution data). */
    public data class TrackingAttributedOrderEvent(
        override val original: dev.hookseal.Event,
        public val data: TrackingAttributedOrder,
    ) : Event

    /** An order was successfully paid. */
    public data class OrderPaidEvent(
        override val original: dev.hookseal.Event,
        public val data: OrderPaid,
    ) : Event

    /** An attendee was checked in at the event. */
    public data class AttendeeCheckedInEvent(
        override val original: dev.hookseal.Event,
        public val data: AttendeeCheckedIn,
    ) : Event

    /** Two attendees connected at the event. */
    public data class AttendeeConnectionMadeEvent(
        override val original: dev.hookseal.Event,
        public val data: AttendeeConnectionMade,
    ) : Event

    /** A booth exhibitor captured a new lead. */
    public data class BoothLeadCapturedEvent(
        override val original: dev.hookseal.Event,
        public val data: BoothLeadCaptured,
    ) : Event

    /** A badge was scanned at a booth. */
    public data class BoothScanEvent(
        override val original: dev.hookseal.Event,
        public val data: BoothScan,
    ) : Event

    /** A connection was made between an attendee and exhibitor. */
    public data class BoothConnectionCreatedEvent(
        override val original: dev.hookseal.Event,
        public val data: BoothConnectionCreated,
    ) : Event

    /** A booth package was purchased. */
    public data class BoothOrderPaidEvent(
        override val original: dev.hookseal.Event,
        public val data: BoothOrderPaid,
    ) : Event

    /** An event of a type that is not listed here. */
    public data class UnlistedEvent(override val original: dev.hookseal.Event) : Event

    /**
     * The event with its data, by its type.
     *
     * @throws VerificationException `invalid_payload` if the data is not as its type says
     */
    public fun typed(event: dev.hookseal.Event): Event =
        when (event.type) {
            "tracking.attributed_order" ->
                TrackingAttributedOrderEvent(event, event.read(TrackingAttributedOrder))
            "order.paid" -> OrderPaidEvent(event, event.read(OrderPaid))
            "attendee.checked_in" -> AttendeeCheckedInEvent(event, event.read(AttendeeCheckedIn))
            "attendee.connection_made" ->
                AttendeeConnectionMadeEvent(event, event.read(AttendeeConnectionMade))
            "booth.lead_captured" -> BoothLeadCapturedEvent(event, event.read(BoothLeadCaptured))
            "booth.scan" -> BoothScanEvent(event, event.read(BoothScan))
            "booth.connection_created" ->
                BoothConnectionCreatedEvent(event, event.read(BoothConnectionCreated))
            "booth.order_paid" -> BoothOrderPaidEvent(event, event.read(BoothOrderPaid))
            else -> UnlistedEvent(event)
        }

    /**
     * A tracked visitor completed an order (includes attribution data).
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class TrackingAttributedOrder(
        public val orderId: String?,
        public val eventId: String?,
        public val visitorId: String?,
        public val total: TrackingAttributedOrderTotal?,
        public val attribution: TrackingAttributedOrderAttribution?,
        public val completedAt: String?,
    ) {
        internal companion object : Shape<TrackingAttributedOrder> {
            override fun read(json: Any?, path: String): TrackingAttributedOrder {
                val members = Members(json, path)
                return TrackingAttributedOrder(
                    orderId = members.optional("order_id", Shape.TEXT),
                    eventId = members.optional("event_id", Shape.TEXT),
                    visitorId = members.optional("visitor_id", Shape.TEXT),
                    total = members.optional("total", TrackingAttributedOrderTotal),
                    attribution =
                        members.optional("attribution", TrackingAttributedOrderAttribution),
                    completedAt = members.optional("completed_at", Shape.TEXT),
                )
            }
        }
    }

    /** Part of TrackingAttributedOrder. */
    public data class TrackingAttributedOrderAttribution(
        public val source: String?,
        public val medium: String?,
        public val campaign: String?,
        public val referrer: String?,
        public val firstSeenAt: String?,
    ) {
        internal companion object : Shape<TrackingAttributedOrderAttribution> {
            override fun read(json: Any?, path: String): TrackingAttributedOrderAttribution {
                val members = Members(json, path)
                return TrackingAttributedOrderAttribution(
                    source = members.optional("source", Shape.TEXT),
                    medium = members.optional("medium", Shape.TEXT),
                    campaign = members.optional("campaign", Shape.TEXT),
                    referrer = members.optional("referrer", Shape.TEXT),
                    firstSeenAt = members.optional("first_seen_at", Shape.TEXT),
                )
            }
        }
    }

    /** Part of TrackingAttributedOrder. */
    public data class TrackingAttributedOrderTotal(
        public val amount: Long?,
        public val currency: String?,
    ) {
        internal companion object : Shape<TrackingAttributedOrderTotal> {
            override fun read(json: Any?, path: String): TrackingAttributedOrderTotal {
                val members = Members(json, path)
                return TrackingAttributedOrderTotal(
                    amount = members.optional("amount", Shape.INTEGER),
                    currency = members.optional("currency", Shape.TEXT),
                )
            }
        }
    }

    /**
     * An order was successfully paid.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class OrderPaid(
        public val orderId: String?,
        public val eventId: String?,
        public val status: String?,
        public val total: OrderPaidTotal?,
        public val buyer: OrderPaidBuyer?,
        public val items: List<OrderPaidItems>?,
        public val paidAt: String?,
        /** Whether it is a test that somebody sent. */
        public val test: Boolean?,
    ) {
        internal companion object : Shape<OrderPaid> {
            override fun read(json: Any?, path: String): OrderPaid {
                val members = Members(json, path)
                return OrderPaid(
                    orderId = members.optional("order_id", Shape.TEXT),
                    eventId = members.optional("event_id", Shape.TEXT),
                    status = members.optional("status", Shape.TEXT),
                    total = members.optional("total", OrderPaidTotal),
                    buyer = members.optional("buyer", OrderPaidBuyer),
                    items = members.optional("items", Shape.list(OrderPaidItems)),
                    paidAt = members.optional("paid_at", Shape.TEXT),
                    test = members.optional("test", Shape.BOOLEAN),
                )
            }
        }
    }

    /** Part of OrderPaid. */
    public data class OrderPaidItems(
        public val ticketType: String?,
        public val quantity: Long?,
        public val unitPrice: Long?,
    ) {
        internal companion object : Shape<OrderPaidItems> {
            override fun read(json: Any?, path: String): OrderPaidItems {
                val members = Members(json, path)
                return OrderPaidItems(
                    ticketType = members.optional("ticket_type", Shape.TEXT),
                    quantity = members.optional("quantity", Shape.INTEGER),
                    unitPrice = members.optional("unit_price", Shape.INTEGER),
                )
            }
        }
    }

    /** Part of OrderPaid. */
    public data class OrderPaidBuyer(public val name: String?, public val email: String?) {
        internal companion object : Shape<OrderPaidBuyer> {
            override fun read(json: Any?, path: String): OrderPaidBuyer {
                val members = Members(json, path)
                return OrderPaidBuyer(
                    name = members.optional("name", Shape.TEXT),
                    email = members.optional("email", Shape.TEXT),
                )
            }
        }
    }

    /** Part of OrderPaid. */
    public data class OrderPaidTotal(public val amount: Long?, public val currency: String?) {
        internal companion object : Shape<OrderPaidTotal> {
            override fun read(json: Any?, path: String): OrderPaidTotal {
                val members = Members(json, path)
                return OrderPaidTotal(
                    amount = members.optional("amount", Shape.INTEGER),
                    currency = members.optional("currency", Shape.TEXT),
                )
            }
        }
    }

    /**
     * An attendee was checked in at the event.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class AttendeeCheckedIn(
        public val attendeeId: String?,
        public val eventId: String?,
        public val orderId: String?,
        public val name: String?,
        public val email: String?,
        public val ticketType: String?,
        public val gate: String?,
        public val checkedInAt: String?,
    ) {
        internal companion object : Shape<AttendeeCheckedIn> {
            override fun read(json: Any?, path: String): AttendeeCheckedIn {
                val members = Members(json, path)
                return AttendeeCheckedIn(
                    attendeeId = members.optional("attendee_id", Shape.TEXT),
                    eventId = members.optional("event_id", Shape.TEXT),
                    orderId = members.optional("order_id", Shape.TEXT),
                    name = members.optional("name", Shape.TEXT),
                    email = members.optional("email", Shape.TEXT),
                    ticketType = members.optional("ticket_type", Shape.TEXT),
                    gate = members.optional("gate", Shape.TEXT),
                    checkedInAt = members.optional("checked_in_at", Shape.TEXT),
                )
            }
        }
    }

    /**
     * Two attendees connected at the event.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class AttendeeConnectionMade(
        public val connectionId: String?,
        public val eventId: String?,
        public val attendees: List<AttendeeConnectionMadeAttendees>?,
        public val connectedAt: String?,
    ) {
        internal companion object : Shape<AttendeeConnectionMade> {
            override fun read(json: Any?, path: String): AttendeeConnectionMade {
                val members = Members(json, path)
                return AttendeeConnectionMade(
                    connectionId = members.optional("connection_id", Shape.TEXT),
                    eventId = members.optional("event_id", Shape.TEXT),
                    attendees =
                        members.optional("attendees", Shape.list(AttendeeConnectionMadeAttendees)),
                    connectedAt = members.optional("connected_at", Shape.TEXT),
                )
            }
        }
    }

    /** Part of AttendeeConnectionMade. */
    public data class AttendeeConnectionMadeAttendees(
        public val attendeeId: String?,
        public val name: String?,
    ) {
        internal companion object : Shape<AttendeeConnectionMadeAttendees> {
            override fun read(json: Any?, path: String): AttendeeConnectionMadeAttendees {
                val members = Members(json, path)
                return AttendeeConnectionMadeAttendees(
                    attendeeId = members.optional("attendee_id", Shape.TEXT),
                    name = members.optional("name", Shape.TEXT),
                )
            }
        }
    }

    /**
     * A booth exhibitor captured a new lead.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class BoothLeadCaptured(
        public val leadId: String?,
        public val eventId: String?,
        public val boothId: String?,
        public val exhibitorId: String?,
        public val attendee: BoothLeadCapturedAttendee?,
        public val notes: String?,
        public val rating: Long?,
        public val capturedAt: String?,
    ) {
        internal companion object : Shape<BoothLeadCaptured> {
            override fun read(json: Any?, path: String): BoothLeadCaptured {
                val members = Members(json, path)
                return BoothLeadCaptured(
                    leadId = members.optional("lead_id", Shape.TEXT),
                    eventId = members.optional("event_id", Shape.TEXT),
                    boothId = members.optional("booth_id", Shape.TEXT),
                    exhibitorId = members.optional("exhibitor_id", Shape.TEXT),
                    attendee = members.optional("attendee", BoothLeadCapturedAttendee),
                    notes = members.optional("notes", Shape.TEXT),
                    rating = members.optional("rating", Shape.INTEGER),
                    capturedAt = members.optional("captured_at", Shape.TEXT),
                )
            }
        }
    }

    /** Part of BoothLeadCaptured. */
    public data class BoothLeadCapturedAttendee(
        public val attendeeId: String?,
        public val name: String?,
        public val email: String?,
        public val company: String?,
    ) {
        internal companion object : Shape<BoothLeadCapturedAttendee> {
            override fun read(json: Any?, path: String): BoothLeadCapturedAttendee {
                val members = Members(json, path)
                return BoothLeadCapturedAttendee(
                    attendeeId = members.optional("attendee_id", Shape.TEXT),
                    name = members.optional("name", Shape.TEXT),
                    email = members.optional("email", Shape.TEXT),
                    company = members.optional("company", Shape.TEXT),
                )
            }
        }
    }

    /**
     * A badge was scanned at a booth.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class BoothScan(
        public val scanId: String?,
        public val eventId: String?,
        public val boothId: String?,
        public val exhibitorId: String?,
        public val attendeeId: String?,
        public val scannedBy: String?,
        public val scannedAt: String?,
    ) {
        internal companion object : Shape<BoothScan> {
            override fun read(json: Any?, path: String): BoothScan {
                val members = Members(json, path)
                return BoothScan(
                    scanId = members.optional("scan_id", Shape.TEXT),
                    eventId = members.optional("event_id", Shape.TEXT),
                    boothId = members.optional("booth_id", Shape.TEXT),
                    exhibitorId = members.optional("exhibitor_id", Shape.TEXT),
                    attendeeId = members.optional("attendee_id", Shape.TEXT),
                    scannedBy = members.optional("scanned_by", Shape.TEXT),
                    scannedAt = members.optional("scanned_at", Shape.TEXT),
                )
            }
        }
    }

    /**
     * A connection was made between an attendee and exhibitor.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class BoothConnectionCreated(
        public val connectionId: String?,
        public val eventId: String?,
        public val boothId: String?,
        public val exhibitorId: String?,
        public val attendeeId: String?,
        public val initiatedBy: String?,
        public val createdAt: String?,
    ) {
        internal companion object : Shape<BoothConnectionCreated> {
            override fun read(json: Any?, path: String): BoothConnectionCreated {
                val members = Members(json, path)
                return BoothConnectionCreated(
                    connectionId = members.optional("connection_id", Shape.TEXT),
                    eventId = members.optional("event_id", Shape.TEXT),
                    boothId = members.optional("booth_id", Shape.TEXT),
                    exhibitorId = members.optional("exhibitor_id", Shape.TEXT),
                    attendeeId = members.optional("attendee_id", Shape.TEXT),
                    initiatedBy = members.optional("initiated_by", Shape.TEXT),
                    createdAt = members.optional("created_at", Shape.TEXT),
                )
            }
        }
    }

    /**
     * A booth package was purchased.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class BoothOrderPaid(
        public val orderId: String?,
        public val eventId: String?,
        public val boothId: String?,
        public val exhibitorId: String?,
        public val `package`: String?,
        public val total: BoothOrderPaidTotal?,
        public val paidAt: String?,
    ) {
        internal companion object : Shape<BoothOrderPaid> {
            override fun read(json: Any?, path: String): BoothOrderPaid {
                val members = Members(json, path)
                return BoothOrderPaid(
                    orderId = members.optional("order_id", Shape.TEXT),
                    eventId = members.optional("event_id", Shape.TEXT),
                    boothId = members.optional("booth_id", Shape.TEXT),
                    exhibitorId = members.optional("exhibitor_id", Shape.TEXT),
                    `package` = members.optional("package", Shape.TEXT),
                    total = members.optional("total", BoothOrderPaidTotal),
                    paidAt = members.optional("paid_at", Shape.TEXT),
                )
            }
        }
    }

    /** Part of BoothOrderPaid. */
    public data class BoothOrderPaidTotal(public val amount: Long?, public val currency: String?) {
        internal companion object : Shape<BoothOrderPaidTotal> {
            override fun read(json: Any?, path: String): BoothOrderPaidTotal {
                val members = Members(json, path)
                return BoothOrderPaidTotal(
                    amount = members.optional("amount", Shape.INTEGER),
                    currency = members.optional("currency", Shape.TEXT),
                )
            }
        }
    }
}
