// The events of Kagibag. Made from its provider file: change that, not this.

/// The events of Kagibag. An event tells which by its type.
#[allow(clippy::large_enum_variant, reason = "one at a time is read")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A tracked visitor completed an order (includes attribution data).
    TrackingAttributedOrder(TrackingAttributedOrder),
    /// An order was successfully paid.
    OrderPaid(OrderPaid),
    /// An attendee was checked in at the event.
    AttendeeCheckedIn(AttendeeCheckedIn),
    /// Two attendees connected at the event.
    AttendeeConnectionMade(AttendeeConnectionMade),
    /// A booth exhibitor captured a new lead.
    BoothLeadCaptured(BoothLeadCaptured),
    /// A badge was scanned at a booth.
    BoothScan(BoothScan),
    /// A connection was made between an attendee and exhibitor.
    BoothConnectionCreated(BoothConnectionCreated),
    /// A booth package was purchased.
    BoothOrderPaid(BoothOrderPaid),
    /// An event of a type that is not listed here.
    Other,
}

impl hookseal::TypedEvent for Event {
    fn read<B: AsRef<[u8]>>(event: &hookseal::Event<B>) -> hookseal::Result<Self> {
        Ok(match event.event_type() {
            Some("tracking.attributed_order") => Self::TrackingAttributedOrder(event.data()?),
            Some("order.paid") => Self::OrderPaid(event.data()?),
            Some("attendee.checked_in") => Self::AttendeeCheckedIn(event.data()?),
            Some("attendee.connection_made") => Self::AttendeeConnectionMade(event.data()?),
            Some("booth.lead_captured") => Self::BoothLeadCaptured(event.data()?),
            Some("booth.scan") => Self::BoothScan(event.data()?),
            Some("booth.connection_created") => Self::BoothConnectionCreated(event.data()?),
            Some("booth.order_paid") => Self::BoothOrderPaid(event.data()?),
            _ => Self::Other,
        })
    }
}

/// A tracked visitor completed an order (includes attribution data).
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct TrackingAttributedOrder {
    pub order_id: Option<String>,
    pub event_id: Option<String>,
    pub visitor_id: Option<String>,
    pub total: Option<TrackingAttributedOrderTotal>,
    pub attribution: Option<TrackingAttributedOrderAttribution>,
    pub completed_at: Option<String>,
}

/// Part of TrackingAttributedOrder.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct TrackingAttributedOrderAttribution {
    pub source: Option<String>,
    pub medium: Option<String>,
    pub campaign: Option<String>,
    pub referrer: Option<String>,
    pub first_seen_at: Option<String>,
}

/// Part of TrackingAttributedOrder.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct TrackingAttributedOrderTotal {
    pub amount: Option<i64>,
    pub currency: Option<String>,
}

/// An order was successfully paid.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct OrderPaid {
    pub order_id: Option<String>,
    pub event_id: Option<String>,
    pub status: Option<String>,
    pub total: Option<OrderPaidTotal>,
    pub buyer: Option<OrderPaidBuyer>,
    pub items: Option<Vec<OrderPaidItems>>,
    pub paid_at: Option<String>,
    /// Whether it is a test that somebody sent.
    pub test: Option<bool>,
}

/// Part of OrderPaid.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct OrderPaidItems {
    pub ticket_type: Option<String>,
    pub quantity: Option<i64>,
    pub unit_price: Option<i64>,
}

/// Part of OrderPaid.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct OrderPaidBuyer {
    pub name: Option<String>,
    pub email: Option<String>,
}

/// Part of OrderPaid.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct OrderPaidTotal {
    pub amount: Option<i64>,
    pub currency: Option<String>,
}

/// An attendee was checked in at the event.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct AttendeeCheckedIn {
    pub attendee_id: Option<String>,
    pub event_id: Option<String>,
    pub order_id: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub ticket_type: Option<String>,
    pub gate: Option<String>,
    pub checked_in_at: Option<String>,
}

/// Two attendees connected at the event.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct AttendeeConnectionMade {
    pub connection_id: Option<String>,
    pub event_id: Option<String>,
    pub attendees: Option<Vec<AttendeeConnectionMadeAttendees>>,
    pub connected_at: Option<String>,
}

/// Part of AttendeeConnectionMade.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct AttendeeConnectionMadeAttendees {
    pub attendee_id: Option<String>,
    pub name: Option<String>,
}

/// A booth exhibitor captured a new lead.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct BoothLeadCaptured {
    pub lead_id: Option<String>,
    pub event_id: Option<String>,
    pub booth_id: Option<String>,
    pub exhibitor_id: Option<String>,
    pub attendee: Option<BoothLeadCapturedAttendee>,
    pub notes: Option<String>,
    pub rating: Option<i64>,
    pub captured_at: Option<String>,
}

/// Part of BoothLeadCaptured.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct BoothLeadCapturedAttendee {
    pub attendee_id: Option<String>,
    pub name: Option<String>,
    pub email: Option<String>,
    pub company: Option<String>,
}

/// A badge was scanned at a booth.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct BoothScan {
    pub scan_id: Option<String>,
    pub event_id: Option<String>,
    pub booth_id: Option<String>,
    pub exhibitor_id: Option<String>,
    pub attendee_id: Option<String>,
    pub scanned_by: Option<String>,
    pub scanned_at: Option<String>,
}

/// A connection was made between an attendee and exhibitor.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct BoothConnectionCreated {
    pub connection_id: Option<String>,
    pub event_id: Option<String>,
    pub booth_id: Option<String>,
    pub exhibitor_id: Option<String>,
    pub attendee_id: Option<String>,
    pub initiated_by: Option<String>,
    pub created_at: Option<String>,
}

/// A booth package was purchased.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct BoothOrderPaid {
    pub order_id: Option<String>,
    pub event_id: Option<String>,
    pub booth_id: Option<String>,
    pub exhibitor_id: Option<String>,
    pub package: Option<String>,
    pub total: Option<BoothOrderPaidTotal>,
    pub paid_at: Option<String>,
}

/// Part of BoothOrderPaid.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct BoothOrderPaidTotal {
    pub amount: Option<i64>,
    pub currency: Option<String>,
}
