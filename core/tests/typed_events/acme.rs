// The events of Acme * / ''' /N. Made from its provider file: change that, not this.

/// The events of Acme * / ''' /N. An event tells which by its type.
#[allow(clippy::large_enum_variant, reason = "one at a time is read")]
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// An order was paid: ''' * / {} /u.
    OrderPaid(OrderPaid),
    /// Its name is that of another.
    OrderPaid2(OrderPaid2),
    /// Its name is that of another's event.
    OrderPaidEvent2(OrderPaidEvent2),
    /// Its name is that of all.
    Event2(Event2),
    /// Nothing is known of it.
    ItSQuoted(ItSQuoted),
    /// Its data is a list.
    Ids(Ids),
    /// Its data is a number.
    Type42(Type42),
    /// An event of a type that is not listed here.
    Other,
}

impl hookseal::TypedEvent for Event {
    fn read<B: AsRef<[u8]>>(event: &hookseal::Event<B>) -> hookseal::Result<Self> {
        Ok(match event.event_type() {
            Some("order.paid") => Self::OrderPaid(event.data()?),
            Some("order_paid") => Self::OrderPaid2(event.data()?),
            Some("order.paid.event") => Self::OrderPaidEvent2(event.data()?),
            Some("event") => Self::Event2(event.data()?),
            Some("it's \"quoted\"") => Self::ItSQuoted(event.data()?),
            Some("ids") => Self::Ids(event.data()?),
            Some("42") => Self::Type42(event.data()?),
            _ => Self::Other,
        })
    }
}

/// An order was paid: ''' * / {} /u.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct OrderPaid {
    pub id: i64,
    pub r#type: String,
    /// How far it is.
    pub status: OrderPaidStatus,
    pub price: Option<f64>,
    #[serde(rename = "self")]
    pub self_: bool,
    #[serde(rename = "self_")]
    pub self2: bool,
    #[serde(rename = "first-name")]
    pub first_name: String,
    #[serde(rename = "firstName")]
    pub first_name2: String,
    pub class: String,
    pub str: String,
    #[serde(rename = "__init")]
    pub init: i64,
    pub when: serde_json::Value,
    pub huge: f64,
    pub buyer: OrderPaidBuyer,
    pub items: Vec<OrderPaidItems>,
    pub tags: Vec<String>,
    pub matrix: Vec<Vec<Option<i64>>>,
    pub mixed: Vec<serde_json::Value>,
    pub note: Option<Vec<serde_json::Value>>,
}

/// Part of OrderPaid.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct OrderPaidItems {
    pub sku: String,
    pub count: f64,
    pub price: f64,
    pub kind: Option<OrderPaidItemsKind>,
    pub note: Option<String>,
}

/// Part of OrderPaid.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub enum OrderPaidItemsKind {
    #[serde(rename = "book")]
    Book,
    #[serde(rename = "pen")]
    Pen,
    /// A text that is not listed here.
    #[serde(untagged)]
    Other(String),
}

/// Part of OrderPaid.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct OrderPaidBuyer {
    pub name: String,
    pub vip: serde_json::Value,
    pub address: Option<OrderPaidBuyerAddress>,
    pub email: Option<String>,
}

/// Part of OrderPaid.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct OrderPaidBuyerAddress {
    pub city: String,
}

/// Part of OrderPaid.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub enum OrderPaidStatus {
    #[serde(rename = "paid")]
    Paid,
    #[serde(rename = "PART_PAID")]
    PartPaid,
    #[serde(rename = "it's \"odd\"")]
    ItSOdd,
    #[serde(rename = "other")]
    Other2,
    /// A text that is not listed here.
    #[serde(untagged)]
    Other(String),
}

/// Its name is that of another.
///
/// No page of theirs shows its data: what is assumed here may be absent.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct OrderPaid2 {
    pub late: Option<bool>,
}

/// Its name is that of another's event.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct OrderPaidEvent2 {}

/// Its name is that of all.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[non_exhaustive]
pub struct Event2 {
    pub text: String,
}

/// Nothing is known of it.
pub type ItSQuoted = serde_json::Value;

/// Its data is a list.
pub type Ids = Vec<String>;

/// Its data is a number.
pub type Type42 = i64;
