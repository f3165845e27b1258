package acme

// The events of Acme * / ''' /N. Made from its provider file: change that, not this.

import dev.hookseal.Members
import dev.hookseal.Shape
import dev.hookseal.TypedEvent
import dev.hookseal.VerificationException
import dev.hookseal.read

/** The events of Acme * / ''' /N. */
public object Acme {
    /** An event of a type that is listed here, with its data, or another one. */
    public sealed interface Event : TypedEvent

    /** An order was paid: ''' * / {} /u. */
    public data class OrderPaidEvent(
        override val original: dev.hookseal.Event,
        public val data: OrderPaid,
    ) : Event

    /** Its name is that of another. */
    public data class OrderPaid2Event(
        override val original: dev.hookseal.Event,
        public val data: OrderPaid2,
    ) : Event

    /** Its name is that of another's event. */
    public data class OrderPaidEvent2Event(
        override val original: dev.hookseal.Event,
        public val data: OrderPaidEvent2,
    ) : Event

    /** Its name is that of all. */
    public data class Event2Event(
        override val original: dev.hookseal.Event,
        public val data: Event2,
    ) : Event

    /** Nothing is known of it. */
    public data class ItSQuotedEvent(
        override val original: dev.hookseal.Event,
        public val data: Any?,
    ) : Event

    /** Its data is a list. */
    public data class IdsEvent(
        override val original: dev.hookseal.Event,
        public val data: List<String>,
    ) : Event

    /** Its data is a number. */
    public data class Type42Event(
        override val original: dev.hookseal.Event,
        public val data: Long,
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
            "order.paid" -> OrderPaidEvent(event, event.read(OrderPaid))
            "order_paid" -> OrderPaid2Event(event, event.read(OrderPaid2))
            "order.paid.event" -> OrderPaidEvent2Event(event, event.read(OrderPaidEvent2))
            "event" -> Event2Event(event, event.read(Event2))
            "it's \"quoted\"" -> ItSQuotedEvent(event, event.read(Shape.ANY))
            "ids" -> IdsEvent(event, event.read(Shape.list(Shape.TEXT)))
            "42" -> Type42Event(event, event.read(Shape.INTEGER))
            else -> UnlistedEvent(event)
        }

    /** An order was paid: ''' * / {} /u. */
    public data class OrderPaid(
        public val id: Long,
        public val type: String,
        /** How far it is. */
        public val status: OrderPaidStatus,
        public val price: Double?,
        public val self: Boolean,
        public val self2: Boolean,
        public val firstName: String,
        public val firstName2: String,
        public val class2: String,
        public val str: String,
        public val init: Long,
        public val `when`: Any?,
        public val huge: Double,
        public val buyer: OrderPaidBuyer,
        public val items: List<OrderPaidItems>,
        public val tags: List<String>,
        public val matrix: List<List<Long?>>,
        public val mixed: List<Any?>,
        public val note: List<Any?>?,
    ) {
        internal companion object : Shape<OrderPaid> {
            override fun read(json: Any?, path: String): OrderPaid {
                val members = Members(json, path)
                return OrderPaid(
                    id = members.required("id", Shape.INTEGER),
                    type = members.required("type", Shape.TEXT),
                    status = members.required("status", OrderPaidStatus),
                    price = members.optional("price", Shape.NUMBER),
                    self = members.required("self", Shape.BOOLEAN),
                    self2 = members.required("self_", Shape.BOOLEAN),
                    firstName = members.required("first-name", Shape.TEXT),
                    firstName2 = members.required("firstName", Shape.TEXT),
                    class2 = members.required("class", Shape.TEXT),
                    str = members.required("str", Shape.TEXT),
                    init = members.required("__init", Shape.INTEGER),
                    `when` = members.required("when", Shape.ANY),
                    huge = members.required("huge", Shape.NUMBER),
                    buyer = members.required("buyer", OrderPaidBuyer),
                    items = members.required("items", Shape.list(OrderPaidItems)),
                    tags = members.required("tags", Shape.list(Shape.TEXT)),
                    matrix =
                        members.required(
                            "matrix",
                            Shape.list(Shape.list(Shape.nullable(Shape.INTEGER))),
                        ),
                    mixed = members.required("mixed", Shape.list(Shape.ANY)),
                    note = members.optional("note", Shape.list(Shape.ANY)),
                )
            }
        }
    }

    /** Part of OrderPaid. */
    public data class OrderPaidItems(
        public val sku: String,
        public val count: Double,
        public val price: Double,
        public val kind: OrderPaidItemsKind?,
        public val note: String?,
    ) {
        internal companion object : Shape<OrderPaidItems> {
            override fun read(json: Any?, path: String): OrderPaidItems {
                val members = Members(json, path)
                return OrderPaidItems(
                    sku = members.required("sku", Shape.TEXT),
                    count = members.required("count", Shape.NUMBER),
                    price = members.required("price", Shape.NUMBER),
                    kind = members.required("kind", Shape.nullable(OrderPaidItemsKind)),
                    note = members.optional("note", Shape.TEXT),
                )
            }
        }
    }

    /** Part of OrderPaid. */
    @JvmInline
    public value class OrderPaidItemsKind(public val value: String) {
        public companion object : Shape<OrderPaidItemsKind> {
            public val BOOK: OrderPaidItemsKind = OrderPaidItemsKind("book")

            public val PEN: OrderPaidItemsKind = OrderPaidItemsKind("pen")

            override fun read(json: Any?, path: String): OrderPaidItemsKind =
                OrderPaidItemsKind(Shape.TEXT.read(json, path))
        }
    }

    /** Part of OrderPaid. */
    public data class OrderPaidBuyer(
        public val name: String,
        public val vip: Any?,
        public val address: OrderPaidBuyerAddress?,
        public val email: String?,
    ) {
        internal companion object : Shape<OrderPaidBuyer> {
            override fun read(json: Any?, path: String): OrderPaidBuyer {
                val members = Members(json, path)
                return OrderPaidBuyer(
                    name = members.required("name", Shape.TEXT),
                    vip = members.required("vip", Shape.ANY),
                    address = members.required("address", Shape.nullable(OrderPaidBuyerAddress)),
                    email = members.optional("email", Shape.nullable(Shape.TEXT)),
                )
            }
        }
    }

    /** Part of OrderPaid. */
    public data class OrderPaidBuyerAddress(public val city: String) {
        internal companion object : Shape<OrderPaidBuyerAddress> {
            override fun read(json: Any?, path: String): OrderPaidBuyerAddress {
                val members = Members(json, path)
                return OrderPaidBuyerAddress(city = members.required("city", Shape.TEXT))
            }
        }
    }

    /** Part of OrderPaid. */
    @JvmInline
    public value class OrderPaidStatus(public val value: String) {
        public companion object : Shape<OrderPaidStatus> {
            public val PAID: OrderPaidStatus = OrderPaidStatus("paid")

            public val PART_PAID: OrderPaidStatus = OrderPaidStatus("PART_PAID")

            public val IT_S_ODD: OrderPaidStatus = OrderPaidStatus("it's \"odd\"")

            public val OTHER: OrderPaidStatus = OrderPaidStatus("other")

            override fun read(json: Any?, path: String): OrderPaidStatus =
                OrderPaidStatus(Shape.TEXT.read(json, path))
        }
    }

    /**
     * Its name is that of another.
     *
     * No page of theirs shows its data: what is assumed here may be absent.
     */
    public data class OrderPaid2(public val late: Boolean?) {
        internal companion object : Shape<OrderPaid2> {
            override fun read(json: Any?, path: String): OrderPaid2 {
                val members = Members(json, path)
                return OrderPaid2(late = members.optional("late", Shape.BOOLEAN))
            }
        }
    }

    /** Its name is that of another's event. */
    public class OrderPaidEvent2 {
        internal companion object : Shape<OrderPaidEvent2> {
            override fun read(json: Any?, path: String): OrderPaidEvent2 = OrderPaidEvent2()
        }
    }

    /** Its name is that of all. */
    public data class Event2(public val text: String) {
        internal companion object : Shape<Event2> {
            override fun read(json: Any?, path: String): Event2 {
                val members = Members(json, path)
                return Event2(text = members.required("text", Shape.TEXT))
            }
        }
    }
}
