//! What an event's data looks like: as its example shows, and as the file says besides.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::file::{FieldTable, FieldType};

/// Something in an event's data: of which shape, and whether null may stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) shape: Shape,
    pub(crate) nullable: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Nothing is known: the example has null or an empty list here.
    Unseen,
    /// Different things.
    Any,
    Boolean,
    Integer,
    Number,
    String,
    /// One of these texts.
    OneOf(Vec<String>),
    List(Box<Value>),
    Object(Vec<Field>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) optional: bool,
    pub(crate) value: Value,
}

impl Value {
    /// The data of an event, from its example and what the file says of its fields. Of an example that is only
    /// assumed no field is promised.
    pub(crate) fn new(
        example: Option<&str>,
        assumed: bool,
        fields: BTreeMap<String, FieldTable>,
    ) -> Result<Self, String> {
        let mut data = match example {
            Some(example) => {
                serde_json::from_str(example).map_err(|error| format!("the example is no JSON: {error}"))?
            }
            None if fields.is_empty() => Self::of(Shape::Any),
            None => Self::of(Shape::Object(Vec::new())),
        };
        if assumed {
            data.promise_nothing();
        }
        // In the order of their paths, so that what holds a field comes before it.
        for (path, table) in fields {
            data.set(&path, table).map_err(|reason| format!("fields: \"{path}\" {reason}"))?;
        }
        Ok(data)
    }

    fn of(shape: Shape) -> Self {
        Self { shape, nullable: false }
    }

    fn promise_nothing(&mut self) {
        match &mut self.shape {
            Shape::List(item) => item.promise_nothing(),
            Shape::Object(fields) => {
                for field in fields {
                    field.optional = true;
                    field.value.promise_nothing();
                }
            }
            _ => {}
        }
    }

    /// Changes or adds what stands at a path such as `buyer.name` or `items[].price`.
    fn set(&mut self, path: &str, table: FieldTable) -> Result<(), String> {
        let (parent, last) =
            path.rsplit_once('.').map_or((None, path), |(parent, last)| (Some(parent), last));
        let mut holder = self;
        for step in parent.into_iter().flat_map(|parent| parent.split('.')) {
            let (name, lists) = brackets(step);
            holder = holder.field(name).map(|field| &mut field.value).ok_or("is in nothing that is there")?;
            holder = holder.item(lists)?;
        }
        let (name, lists) = brackets(last);
        if lists > 0 {
            if table.optional.is_some() || table.description.is_some() {
                return Err("is an item of a list, which has neither optional nor description".to_owned());
            }
            let field = holder.field(name).ok_or("is in nothing that is there")?;
            return field.value.item(lists)?.change(table.kind, table.values, table.nullable);
        }
        let field = match holder.field(name) {
            Some(field) => field,
            None if table.kind.is_none() && table.values.is_none() => {
                return Err("is not in the example: it needs a type or values".to_owned());
            }
            None => holder.add(name)?,
        };
        field.optional = table.optional.unwrap_or(field.optional);
        field.description = table.description;
        field.value.change(table.kind, table.values, table.nullable)
    }

    fn change(
        &mut self,
        kind: Option<FieldType>,
        values: Option<Vec<String>>,
        nullable: Option<bool>,
    ) -> Result<(), String> {
        self.nullable = nullable.unwrap_or(self.nullable);
        self.shape = match (kind, values) {
            (None, None) => return Ok(()),
            (None, Some(values)) if values.is_empty() => return Err("has no values".to_owned()),
            (None, Some(values)) => Shape::OneOf(values),
            (Some(_), Some(_)) => return Err("has a type or values, not both".to_owned()),
            (Some(kind), None) => match (kind, &self.shape) {
                // What the example shows of it stays.
                (FieldType::List, Shape::List(_)) | (FieldType::Object, Shape::Object(_)) => return Ok(()),
                (FieldType::Any, _) => Shape::Any,
                (FieldType::Boolean, _) => Shape::Boolean,
                (FieldType::Integer, _) => Shape::Integer,
                (FieldType::Number, _) => Shape::Number,
                (FieldType::String, _) => Shape::String,
                (FieldType::List, _) => Shape::List(Box::new(Self::of(Shape::Unseen))),
                (FieldType::Object, _) => Shape::Object(Vec::new()),
            },
        };
        Ok(())
    }

    fn field(&mut self, name: &str) -> Option<&mut Field> {
        match &mut self.shape {
            Shape::Object(fields) => fields.iter_mut().find(|field| field.name == name),
            _ => None,
        }
    }

    fn add(&mut self, name: &str) -> Result<&mut Field, String> {
        let Shape::Object(fields) = &mut self.shape else {
            return Err("is in something that is no object".to_owned());
        };
        fields.push(Field::new(name.to_owned(), Self::of(Shape::Unseen)));
        Ok(fields.last_mut().expect("one was just added"))
    }

    /// The item of a list, of a list of lists, and so on.
    fn item(&mut self, lists: usize) -> Result<&mut Self, String> {
        let mut value = self;
        for _ in 0..lists {
            let Shape::List(item) = &mut value.shape else {
                return Err("has [] after something that is no list".to_owned());
            };
            value = item;
        }
        Ok(value)
    }

    /// What is true of both.
    fn merge(self, other: Self) -> Self {
        Self { shape: self.shape.merge(other.shape), nullable: self.nullable || other.nullable }
    }
}

impl Shape {
    fn merge(self, other: Self) -> Self {
        match (self, other) {
            (one, two) if one == two => one,
            (Self::Unseen, shape) | (shape, Self::Unseen) => shape,
            (Self::Integer, Self::Number) | (Self::Number, Self::Integer) => Self::Number,
            (Self::List(one), Self::List(two)) => Self::List(Box::new(one.merge(*two))),
            (Self::Object(one), Self::Object(two)) => Self::Object(merge(one, two)),
            _ => Self::Any,
        }
    }
}

impl Field {
    fn new(name: String, value: Value) -> Self {
        Self { name, description: None, optional: false, value }
    }
}

/// The fields of two objects; what only one of them has is optional.
fn merge(mut one: Vec<Field>, two: Vec<Field>) -> Vec<Field> {
    for field in &mut one {
        field.optional |= !two.iter().any(|other| other.name == field.name);
    }
    for mut other in two {
        match one.iter_mut().find(|field| field.name == other.name) {
            Some(field) => {
                field.optional |= other.optional;
                let before = std::mem::replace(&mut field.value, Value::of(Shape::Unseen));
                field.value = before.merge(other.value);
            }
            None => {
                other.optional = true;
                one.push(other);
            }
        }
    }
    one
}

/// `items[][]` is `items` and two lists.
fn brackets(step: &str) -> (&str, usize) {
    let name = step.trim_end_matches("[]");
    (name, (step.len() - name.len()) / 2)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_any(ExampleVisitor)
    }
}

/// Reads the shape of an example, its fields in the order in which they stand.
struct ExampleVisitor;

impl<'de> Visitor<'de> for ExampleVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value { shape: Shape::Unseen, nullable: true })
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::of(Shape::Boolean))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::of(Shape::Integer))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        let is_small = i64::try_from(number).is_ok();
        Ok(Value::of(if is_small { Shape::Integer } else { Shape::Number }))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::of(Shape::Number))
    }

    fn visit_str<E>(self, _: &str) -> Result<Value, E> {
        Ok(Value::of(Shape::String))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut item = Value::of(Shape::Unseen);
        while let Some(next) = list.next_element::<Value>()? {
            item = item.merge(next);
        }
        Ok(Value::of(Shape::List(Box::new(item))))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields: Vec<Field> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            // Of a member that stands there twice the last one counts.
            fields.retain(|field| field.name != name);
            fields.push(Field::new(name, value));
        }
        Ok(Value::of(Shape::Object(fields)))
    }
}
