// The events of Kakiyo. Made from its provider file: change that, not this.

/// The events of Kakiyo. An event tells which by its type.
#[allow(clippy::large_enum_variant, reason = "one at a time is read")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// Agent sends a message to a prospect.
    LinkedinMessageSent(LinkedinMessageSent),
    /// Prospect responds to an agent.
    LinkedinMessageReceived(LinkedinMessageReceived),
    /// Agent sends a connection invitation.
    LinkedinInvitationSent(LinkedinInvitationSent),
    /// Prospect accepts a connection invitation.
    LinkedinInvitationAccepted(LinkedinInvitationAccepted),
    /// An event of a type that is not listed here.
    Other,
}

impl hookseal::TypedEvent for Event {
    fn read<B: AsRef<[u8]>>(event: &hookseal::Event<B>) -> hookseal::Result<Self> {
        Ok(match event.event_type() {
            Some("linkedin.message.sent") => Self::LinkedinMessageSent(event.data()?),
            Some("linkedin.message.received") => Self::LinkedinMessageReceived(event.data()?),
            Some("linkedin.invitation.sent") => Self::LinkedinInvitationSent(event.data()?),
            Some("linkedin.invitation.accepted") => Self::LinkedinInvitationAccepted(event.data()?),
            _ => Self::Other,
        })
    }
}

/// Agent sends a message to a prospect.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct LinkedinMessageSent {
    #[serde(rename = "agentId")]
    pub agent_id: Option<String>,
    #[serde(rename = "campaignId")]
    pub campaign_id: Option<String>,
    #[serde(rename = "chatId")]
    pub chat_id: Option<String>,
    #[serde(rename = "prospectId")]
    pub prospect_id: Option<String>,
    pub message: Option<String>,
    pub timestamp: Option<String>,
}

/// Prospect responds to an agent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct LinkedinMessageReceived {
    #[serde(rename = "agentId")]
    pub agent_id: String,
    #[serde(rename = "campaignId")]
    pub campaign_id: String,
    #[serde(rename = "chatId")]
    pub chat_id: String,
    #[serde(rename = "prospectId")]
    pub prospect_id: String,
    pub message: String,
    pub timestamp: String,
}

/// Agent sends a connection invitation.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct LinkedinInvitationSent {
    #[serde(rename = "agentId")]
    pub agent_id: Option<String>,
    #[serde(rename = "campaignId")]
    pub campaign_id: Option<String>,
    #[serde(rename = "prospectId")]
    pub prospect_id: Option<String>,
    pub message: Option<String>,
    pub timestamp: Option<String>,
}

/// Prospect accepts a connection invitation.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct LinkedinInvitationAccepted {
    #[serde(rename = "agentId")]
    pub agent_id: Option<String>,
    #[serde(rename = "campaignId")]
    pub campaign_id: Option<String>,
    #[serde(rename = "chatId")]
    pub chat_id: Option<String>,
    #[serde(rename = "prospectId")]
    pub prospect_id: Option<String>,
    pub timestamp: Option<String>,
}
