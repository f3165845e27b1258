//! Events as the arms of an enum.

use std::collections::BTreeSet;

use hookseal::events::{kagibag, kakiyo, kazinex, webkasa};
use hookseal::typegen::{Language, generate};
use hookseal::{Code, Event, EventOptions, Provider, Secret, TypedEvent, Webhook};
use serde_json::{Value, json};

use super::{acme, recipe};

#[test]
fn every_example_is_of_an_arm_of_its_own() {
    for_each_example::<kagibag::Event>("kagibag");
    for_each_example::<kakiyo::Event>("kakiyo");
    for_each_example::<kazinex::Event>("kazinex");
    for_each_example::<webkasa::Event>("webkasa");
}

fn for_each_example<T: TypedEvent + std::fmt::Debug>(id: &str) {
    let provider = Provider::builtin(id).unwrap();
    let arms: BTreeSet<String> = provider
        .event_types()
        .iter()
        .map(|known| {
            let event = provider.example(&known.name).unwrap().typed::<T>().unwrap();
            format!("{event:?}").split('(').next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(arms.len(), provider.event_types().len());
    assert!(!arms.contains("Other"));
}

#[test]
fn the_data_is_what_the_vendor_says() {
    let event = Provider::builtin("webkasa").unwrap().example("booking.created").unwrap();
    let webkasa::Event::BookingCreated(booking) = event.typed().unwrap() else {
        panic!("another arm");
    };
    assert_eq!(booking.attendee_email, "john@example.com");
}

#[test]
fn other_types_are_of_the_open_arm() {
    let event = made("webkasa", "booking.moved", json!([1]));
    assert_eq!(event.typed::<webkasa::Event>().unwrap(), webkasa::Event::Other);
    assert_eq!(event.data::<Value>().unwrap(), json!([1]));
}

#[test]
fn data_of_another_shape_is_refused_and_new_members_are_not() {
    let mut data = json!({
        "id": "bk_1", "schedule_id": "sch_1", "start_time": "", "end_time": "", "status": "PENDING",
        "attendee_name": "", "attendee_email": "", "added": true,
    });
    made("webkasa", "booking.created", data.clone()).typed::<webkasa::Event>().unwrap();
    data["status"] = json!(1);
    let error = made("webkasa", "booking.created", data).typed::<webkasa::Event>().unwrap_err();
    assert_eq!(error.code(), Code::InvalidPayload);
}

#[test]
fn what_is_assumed_may_be_absent() {
    let event = made("kagibag", "order.paid", json!({"test": true}));
    let kagibag::Event::OrderPaid(order) = event.typed().unwrap() else {
        panic!("another arm");
    };
    assert_eq!((order.test, order.status), (Some(true), None));
}

#[test]
fn a_file_of_ones_own() {
    let acme = acme();
    let acme::Event::OrderPaid(order) = acme.example("order.paid").unwrap().typed().unwrap() else {
        panic!("another arm");
    };
    assert_eq!(order.status, acme::OrderPaidStatus::Paid);
    assert_eq!((order.first_name.as_str(), order.first_name2.as_str()), ("Ada", "Ada"));
    assert_eq!((order.r#type.as_str(), order.class.as_str()), ("order", "a"));
    assert_eq!((order.price, order.items[1].count, order.items[1].price), (Some(1.5), 2.5, 4.0));
    assert_eq!(order.matrix, [vec![Some(1), Some(2)], vec![None]]);
    assert_eq!(acme.example("ids").unwrap().typed::<acme::Event>().unwrap(), {
        acme::Event::Ids(vec!["a".to_owned(), "b".to_owned()])
    });
}

#[test]
fn texts_that_are_not_listed_are_of_an_open_arm_too() {
    let data = json!("halfway");
    let status: acme::OrderPaidStatus = serde_json::from_value(data).unwrap();
    assert_eq!(status, acme::OrderPaidStatus::Other("halfway".to_owned()));
}

#[test]
fn mistakes_in_a_file_are_told() {
    for (fields, reason) in [
        ("name = { optional = true }", "\"name\" is not in the example"),
        ("\"id.part\" = { type = \"string\" }", "is in something that is no object"),
        ("\"a.b\" = { type = \"string\" }", "is in nothing that is there"),
        ("\"id[]\" = { type = \"string\" }", "no list"),
        ("id = { values = [] }", "has no values"),
        ("id = { type = \"string\", values = [\"a\"] }", "not both"),
        ("id = { type = \"text\" }", "unknown variant"),
        ("id = { kind = \"string\" }", "unknown field"),
        ("\"ids[]\" = { optional = true }", "item of a list"),
    ] {
        let error = Provider::from_toml(&file(&format!(
            "[[event]]\ntype = \"a\"\ndescription = \"\"\nexample = '{{\"id\": \"x\", \"ids\": []}}'\n[event.fields]\n{fields}"
        )));
        let error = error.unwrap_err();
        assert_eq!(error.code(), Code::InvalidProvider);
        assert!(error.to_string().contains(reason), "{error}");
    }
    let twice = "[[event]]\ntype = \"a\"\ndescription = \"\"\n".repeat(2);
    assert!(Provider::from_toml(&file(&twice)).unwrap_err().to_string().contains("\"a\" stands there twice"));
    let none = Provider::from_toml(&file("")).unwrap();
    assert_eq!(generate(&none, Language::Python).unwrap_err().code(), Code::InvalidArgument);
}

#[test]
fn the_recipe_runs_as_it_stands_on_the_page() {
    let (_, code) = include_str!("recipe.rs").split_once("\n\n").unwrap();
    let page = include_str!("../../../docs/typed-events.md");
    assert!(page.contains(&format!("```rust\n{code}```")), "docs/typed-events.md has another recipe");

    let provider = Provider::builtin("webkasa").unwrap();
    let webhook = Webhook::with_provider(&provider, &[Secret::new(&"k".repeat(32)).unwrap()]).unwrap();
    let answer = |event: Event| {
        let headers = webhook.sign(event.body()).unwrap();
        recipe::receive(&webhook, event.body(), &headers).unwrap()
    };
    assert_eq!(answer(provider.example("booking.created").unwrap()), "booked by john@example.com");
    assert_eq!(answer(provider.example("booking.cancelled").unwrap()), "cancelled: Travelling that day");
    assert_eq!(answer(made("webkasa", "booking.moved", json!(1))), "not for us: booking.moved");
}

fn acme() -> Provider {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/typegen/acme.toml");
    Provider::load(path).unwrap()
}

fn file(events: &str) -> String {
    let head = include_str!("../../../tests/typegen/acme.toml").split("[[event]]").next().unwrap();
    format!("{head}\n{events}")
}

fn made(id: &str, event_type: &str, data: Value) -> Event {
    Provider::builtin(id).unwrap().event(event_type, &data, &EventOptions::default()).unwrap()
}
