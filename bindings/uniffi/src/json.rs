//! JSON as a tree, for hosts that have no parser of their own.

use std::collections::HashMap;

use serde_json::Value;

use crate::error::Result;
use crate::event::Event;

/// JSON.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum Json {
    /// Nothing.
    Null,
    /// True or false.
    Bool {
        /// Which.
        value: bool,
    },
    /// A number without a fraction.
    Integer {
        /// Which.
        value: i64,
    },
    /// Any other number.
    Number {
        /// Which.
        value: f64,
    },
    /// A text.
    Text {
        /// Which.
        value: String,
    },
    /// A list.
    Array {
        /// What is in it.
        items: Vec<Json>,
    },
    /// An object.
    Object {
        /// What is in it, by name.
        members: HashMap<String, Json>,
    },
}

#[uniffi::export]
impl Event {
    /// Its data.
    pub fn json(&self) -> Result<Json> {
        Ok(self.0.data::<Value>()?.into())
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool { value },
            Value::Number(number) => match number.as_i64() {
                Some(value) => Self::Integer { value },
                None => Self::Number { value: number.as_f64().unwrap_or(f64::NAN) },
            },
            Value::String(value) => Self::Text { value },
            Value::Array(items) => Self::Array { items: items.into_iter().map(Self::from).collect() },
            Value::Object(members) => Self::Object {
                members: members.into_iter().map(|(name, value)| (name, value.into())).collect(),
            },
        }
    }
}
