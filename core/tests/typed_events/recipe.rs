//! The recipe of docs/typed-events.md.

use hookseal::events::webkasa;
use hookseal::{Result, Webhook};

pub fn receive(webhook: &Webhook, body: &[u8], headers: &[(String, String)]) -> Result<String> {
    let event = webhook.verify(body, headers)?;
    Ok(match event.typed::<webkasa::Event>()? {
        webkasa::Event::BookingCreated(booking) => format!("booked by {}", booking.attendee_email),
        webkasa::Event::BookingCancelled(booking) => {
            format!("cancelled: {}", booking.cancellation_reason.unwrap_or_default())
        }
        _ => format!("not for us: {}", event.event_type().unwrap_or_default()),
    })
}
