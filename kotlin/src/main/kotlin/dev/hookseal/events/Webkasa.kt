package dev.hookseal.events

// The events of WebKasa. Made from its provider file: change that, not this.

import dev.hookseal.Members
import dev.hookseal.Shape
import dev.hookseal.TypedEvent
import dev.hookseal.VerificationException
import dev.hookseal.read

/** The events of WebKasa. */
public object Webkasa {
    /** An event of a type that is listed here, with its data, or another one. */
    public sealed interface Event : TypedEvent

    /** A new booking was created. */
    public data class BookingCreatedEvent(
        override val original: dev.hookseal.Event,
        public val data: BookingCreated,
    ) : Event

    /** A booking was confirmed. */
    public data class BookingConfirmedEvent(
        override val original: dev.hookseal.Event,
        public val data: BookingConfirmed,
    ) : Event

    /** A booking was cancelled. */
    public data class BookingCancelledEvent(
        override val original: dev.hookseal.Event,
        public val data: BookingCancelled,
    ) : Event

    /** A booking was marked as completed. */
    public data class BookingCompletedEvent(
        override val original: dev.hookseal.Event,
        public val data: BookingCompleted,
    ) : Event

    /** A new event was created. */
    public data class EventCreatedEvent(
        override val original: dev.hookseal.Event,
        public val data: EventCreated,
    ) : Event

    /** An event was updated. */
    public data class EventUpdatedEvent(
        override val original: dev.hookseal.Event,
        public val data: EventUpdated,
    ) : Event

    /** An event was cancelled. */
    public data class EventCancelledEvent(
        override val original: dev.hookseal.Event,
        public val data: EventCancelled,
    ) : Event

    /** A new event registration. */
    public data class RegistrationCreatedEvent(
        override val original: dev.hookseal.Event,
        public val data: RegistrationCreated,
    ) : Event

    /** A registration was cancelled. */
    public data class RegistrationCancelledEvent(
        override val original: dev.hookseal.Event,
        public val data: RegistrationCancelled,
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
            "booking.created" -> BookingCreatedEvent(event, event.read(BookingCreated))
            "booking.confirmed" -> BookingConfirmedEvent(event, event.read(BookingConfirmed))
            "booking.cancelled" -> BookingCancelledEvent(event, event.read(BookingCancelled))
            "booking.completed" -> BookingCompletedEvent(event, event.read(BookingCompleted))
            "event.created" -> EventCreatedEvent(event, event.read(EventCreated))
            "event.updated" -> EventUpdatedEvent(event, event.read(EventUpdated))
            "event.cancelled" -> EventCancelledEvent(event, event.read(EventCancelled))
            "registration.created" ->
                RegistrationCreatedEvent(event, event.read(RegistrationCreated))
            "registration.cancelled" ->
                RegistrationCancelledEvent(event, event.read(RegistrationCancelled))
            else -> UnlistedEvent(event)
        }

    /** A new booking was created. */
    public data class BookingCreated(
        public val id: String,
        public val scheduleId: String,
        public val startTime: String,
        public val endTime: String,
        public val status: String,
        public val attendeeName: String,
        public val attendeeEmail: String,
    ) {
        internal companion object : Shape<BookingCreated> {
            override fun read(json: Any?, path: String): BookingCreated {
                val members = Members(json, path)
                return BookingCreated(
                    id = members.required("id", Shape.TEXT),
                    scheduleId = members.required("schedule_id", Shape.TEXT),
                    startTime = members.required("start_time", Shape.TEXT),
                    endTime = members.required("end_time", Shape.TEXT),
                    status = members.required("status", Shape.TEXT),
                    attendeeName = members.required("attendee_name", Shape.TEXT),
                    attendeeEmail = members.required("attendee_email", Shape.TEXT),
                )
            }
        }
    }

    /**
     * A booking was confirmed.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class BookingConfirmed(
        public val id: String?,
        public val scheduleId: String?,
        public val startTime: String?,
        public val endTime: String?,
        public val status: String?,
        public val attendeeName: String?,
        public val attendeeEmail: String?,
    ) {
        internal companion object : Shape<BookingConfirmed> {
            override fun read(json: Any?, path: String): BookingConfirmed {
                val members = Members(json, path)
                return BookingConfirmed(
                    id = members.optional("id", Shape.TEXT),
                    scheduleId = members.optional("schedule_id", Shape.TEXT),
                    startTime = members.optional("start_time", Shape.TEXT),
                    endTime = members.optional("end_time", Shape.TEXT),
                    status = members.optional("status", Shape.TEXT),
                    attendeeName = members.optional("attendee_name", Shape.TEXT),
                    attendeeEmail = members.optional("attendee_email", Shape.TEXT),
                )
            }
        }
    }

    /**
     * A booking was cancelled.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class BookingCancelled(
        public val id: String?,
        public val scheduleId: String?,
        public val startTime: String?,
        public val endTime: String?,
        public val status: String?,
        public val attendeeName: String?,
        public val attendeeEmail: String?,
        public val cancellationReason: String?,
    ) {
        internal companion object : Shape<BookingCancelled> {
            override fun read(json: Any?, path: String): BookingCancelled {
                val members = Members(json, path)
                return BookingCancelled(
                    id = members.optional("id", Shape.TEXT),
                    scheduleId = members.optional("schedule_id", Shape.TEXT),
                    startTime = members.optional("start_time", Shape.TEXT),
                    endTime = members.optional("end_time", Shape.TEXT),
                    status = members.optional("status", Shape.TEXT),
                    attendeeName = members.optional("attendee_name", Shape.TEXT),
                    attendeeEmail = members.optional("attendee_email", Shape.TEXT),
                    cancellationReason = members.optional("cancellation_reason", Shape.TEXT),
                )
            }
        }
    }

    /**
     * A booking was marked as completed.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class BookingCompleted(
        public val id: String?,
        public val scheduleId: String?,
        public val startTime: String?,
        public val endTime: String?,
        public val status: String?,
        public val attendeeName: String?,
        public val attendeeEmail: String?,
    ) {
        internal companion object : Shape<BookingCompleted> {
            override fun read(json: Any?, path: String): BookingCompleted {
                val members = Members(json, path)
                return BookingCompleted(
                    id = members.optional("id", Shape.TEXT),
                    scheduleId = members.optional("schedule_id", Shape.TEXT),
                    startTime = members.optional("start_time", Shape.TEXT),
                    endTime = members.optional("end_time", Shape.TEXT),
                    status = members.optional("status", Shape.TEXT),
                    attendeeName = members.optional("attendee_name", Shape.TEXT),
                    attendeeEmail = members.optional("attendee_email", Shape.TEXT),
                )
            }
        }
    }

    /**
     * A new event was created.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class EventCreated(
        public val id: String?,
        public val title: String?,
        public val startTime: String?,
        public val endTime: String?,
        public val location: String?,
        public val capacity: Long?,
        public val status: String?,
    ) {
        internal companion object : Shape<EventCreated> {
            override fun read(json: Any?, path: String): EventCreated {
                val members = Members(json, path)
                return EventCreated(
                    id = members.optional("id", Shape.TEXT),
                    title = members.optional("title", Shape.TEXT),
                    startTime = members.optional("start_time", Shape.TEXT),
                    endTime = members.optional("end_time", Shape.TEXT),
                    location = members.optional("location", Shape.TEXT),
                    capacity = members.optional("capacity", Shape.INTEGER),
                    status = members.optional("status", Shape.TEXT),
                )
            }
        }
    }

    /**
     * An event was updated.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class EventUpdated(
        public val id: String?,
        public val title: String?,
        public val startTime: String?,
        public val endTime: String?,
        public val location: String?,
        public val capacity: Long?,
        public val status: String?,
    ) {
        internal companion object : Shape<EventUpdated> {
            override fun read(json: Any?, path: String): EventUpdated {
                val members = Members(json, path)
                return EventUpdated(
                    id = members.optional("id", Shape.TEXT),
                    title = members.optional("title", Shape.TEXT),
                    startTime = members.optional("start_time", Shape.TEXT),
                    endTime = members.optional("end_time", Shape.TEXT),
                    location = members.optional("location", Shape.TEXT),
                    capacity = members.optional("capacity", Shape.INTEGER),
                    status = members.optional("status", Shape.TEXT),
                )
            }
        }
    }

    /**
     * An event was cancelled.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class EventCancelled(
        public val id: String?,
        public val title: String?,
        public val startTime: String?,
        public val endTime: String?,
        public val location: String?,
        public val capacity: Long?,
        public val status: String?,
    ) {
        internal companion object : Shape<EventCancelled> {
            override fun read(json: Any?, path: String): EventCancelled {
                val members = Members(json, path)
                return EventCancelled(
                    id = members.optional("id", Shape.TEXT),
                    title = members.optional("title", Shape.TEXT),
                    startTime = members.optional("start_time", Shape.TEXT),
                    endTime = members.optional("end_time", Shape.TEXT),
                    location = members.optional("location", Shape.TEXT),
                    capacity = members.optional("capacity", Shape.INTEGER),
                    status = members.optional("status", Shape.TEXT),
                )
            }
        }
    }

    /**
     * A new event registration.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class RegistrationCreated(
        public val id: String?,
        public val eventId: String?,
        public val status: String?,
        public val attendeeName: String?,
        public val attendeeEmail: String?,
        public val seats: Long?,
    ) {
        internal companion object : Shape<RegistrationCreated> {
            override fun read(json: Any?, path: String): RegistrationCreated {
                val members = Members(json, path)
                return RegistrationCreated(
                    id = members.optional("id", Shape.TEXT),
                    eventId = members.optional("event_id", Shape.TEXT),
                    status = members.optional("status", Shape.TEXT),
                    attendeeName = members.optional("attendee_name", Shape.TEXT),
                    attendeeEmail = members.optional("attendee_email", Shape.TEXT),
                    seats = members.optional("seats", Shape.INTEGER),
                )
            }
        }
    }

    /**
     * A registration was cancelled.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class RegistrationCancelled(
        public val id: String?,
        public val eventId: String?,
        public val status: String?,
        public val attendeeName: String?,
        public val attendeeEmail: String?,
        public val seats: Long?,
    ) {
        internal companion object : Shape<RegistrationCancelled> {
            override fun read(json: Any?, path: String): RegistrationCancelled {
                val members = Members(json, path)
                return RegistrationCancelled(
                    id = members.optional("id", Shape.TEXT),
                    eventId = members.optional("event_id", Shape.TEXT),
                    status = members.optional("status", Shape.TEXT),
                    attendeeName = members.optional("attendee_name", Shape.TEXT),
                    attendeeEmail = members.optional("attendee_email", Shape.TEXT),
                    seats = members.optional("seats", Shape.INTEGER),
                )
            }
        }
    }
}
