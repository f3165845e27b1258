//! Names in code for what vendors name freely.

use std::collections::BTreeSet;
use std::iter;

/// The names that are taken in one place.
pub(super) struct Names(BTreeSet<String>);

impl Names {
    pub(super) fn taken(names: &[&str]) -> Self {
        Self(names.iter().map(|&name| name.to_owned()).collect())
    }

    /// The name or, where it is taken, the name with a number. With the suffix after it it is free as well, and
    /// taken from now on.
    pub(super) fn free(&mut self, name: String, suffix: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let free = iter::once(name.clone())
            .chain(numbered)
            .find(|name| !self.0.contains(name) && !self.0.contains(&format!("{name}{suffix}")))
            .expect("there are numbers enough");
        self.0.insert(format!("{free}{suffix}"));
        self.0.insert(free.clone());
        free
    }
}

/// `booking.created` as `BookingCreated`, and `PENDING` as `Pending`.
pub(super) fn pascal(text: &str) -> String {
    let name: String = words(text)
        .map(|word| {
            let (first, rest) = word.split_at(1);
            let is_shouted = !word.contains(|letter: char| letter.is_ascii_lowercase());
            let rest = if is_shouted { rest.to_ascii_lowercase() } else { rest.to_owned() };
            first.to_ascii_uppercase() + &rest
        })
        .collect();
    lettered(name, "Type")
}

/// `teamId` as `team_id`.
pub(super) fn snake(text: &str) -> String {
    let mut name = String::new();
    for word in words(text) {
        if !name.is_empty() {
            name.push('_');
        }
        let mut before = '_';
        for letter in word.chars() {
            if letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
            before = letter;
        }
    }
    lettered(name, "field_")
}

/// `team_id` as `teamId`.
pub(super) fn camel(text: &str) -> String {
    let snake = snake(text);
    let mut words = snake.split('_').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (first, rest) = word.split_at(1);
        name + &first.to_ascii_uppercase() + rest
    })
}

/// Whether a text is a name as it stands, but for keywords.
pub(super) fn is_plain(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

fn lettered(name: String, prefix: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) { name } else { format!("{prefix}{name}") }
}
