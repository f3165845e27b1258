// The events of WebKasa. Made from its provider file: change that, not this.

/// The events of WebKasa. An event tells which by its type.
#[allow(clippy::large_enum_variant, reason = "one at a time is read")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A new booking was created.
    BookingCreated(BookingCreated),
    /// A booking was confirmed.
    BookingConfirmed(BookingConfirmed),
    /// A booking was cancelled.
    BookingCancelled(BookingCancelled),
    /// A booking was marked as completed.
    BookingCompleted(BookingCompleted),
    /// A new event was created.
    EventCreated(EventCreated),
    /// An event was updated.
    EventUpdated(EventUpdated),
    /// An event was cancelled.
    EventCancelled(EventCancelled),
    /// A new event registration.
    RegistrationCreated(RegistrationCreated),
    /// A registration was cancelled.
    RegistrationCancelled(RegistrationCancelled),
    /// An event of a type that is not listed here.
    Other,
}

impl hookseal::TypedEvent for Event {
    fn read<B: AsRef<[u8]>>(event: &hookseal::Event<B>) -> hookseal::Result<Self> {
        Ok(match event.event_type() {
            Some("booking.created") => Self::BookingCreated(event.data()?),
            Some("booking.confirmed") => Self::BookingConfirmed(event.data()?),
            Some("booking.cancelled") => Self::BookingCancelled(event.data()?),
            Some("booking.completed") => Self::BookingCompleted(event.data()?),
            Some("event.created") => Self::EventCreated(event.data()?),
            Some("event.updated") => Self::EventUpdated(event.data()?),
            Some("event.cancelled") => Self::EventCancelled(event.data()?),
            Some("registration.created") => Self::RegistrationCreated(event.data()?),
            Some("registration.cancelled") => Self::RegistrationCancelled(event.data()?),
            _ => Self::Other,
        })
    }
}

/// A new booking was created.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct BookingCreated {
    pub id: String,
    pub schedule_id: String,
    pub start_time: String,
    pub end_time: String,
    pub status: String,
    pub attendee_name: String,
    pub attendee_email: String,
}

/// A booking was confirmed.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct BookingConfirmed {
    pub id: Option<String>,
    pub schedule_id: Option<String>,
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub status: Option<String>,
    pub attendee_name: Option<String>,
    pub attendee_email: Option<String>,
}

/// A booking was cancelled.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct BookingCancelled {
    pub id: Option<String>,
    pub schedule_id: Option<String>,
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub status: Option<String>,
    pub attendee_name: Option<String>,
    pub attendee_email: Option<String>,
    pub cancellation_reason: Option<String>,
}

/// A booking was marked as completed.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct BookingCompleted {
    pub id: Option<String>,
    pub schedule_id: Option<String>,
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub status: Option<String>,
    pub attendee_name: Option<String>,
    pub attendee_email: Option<String>,
}

/// A new event was created.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct EventCreated {
    pub id: Option<String>,
    pub title: Option<String>,
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub location: Option<String>,
    pub capacity: Option<i64>,
    pub status: Option<String>,
}

/// An event was updated.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct EventUpdated {
    pub id: Option<String>,
    pub title: Option<String>,
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub location: Option<String>,
    pub capacity: Option<i64>,
    pub status: Option<String>,
}

/// An event was cancelled.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct EventCancelled {
    pub id: Option<String>,
    pub title: Option<String>,
    pub start_time: Option<String>,
    pub end_time: Option<String>,
    pub location: Option<String>,
    pub capacity: Option<i64>,
    pub status: Option<String>,
}

/// A new event registration.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct RegistrationCreated {
    pub id: Option<String>,
    pub event_id: Option<String>,
    pub status: Option<String>,
    pub attendee_name: Option<String>,
    pub attendee_email: Option<String>,
    pub seats: Option<i64>,
}

/// A registration was cancelled.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct RegistrationCancelled {
    pub id: Option<String>,
    pub event_id: Option<String>,
    pub status: Option<String>,
    pub attendee_name: Option<String>,
    pub attendee_email: Option<String>,
    pub seats: Option<i64>,
}
