//! What the core has to say, in Python's `logging` under the name `hookseal`.
//!
//! The core speaks from its own threads, some of which must never wait for the interpreter. So what it says goes into
//! a queue, from which one thread hands it to Python; a queue that is full drops it.

use std::fmt::Write as _;
use std::sync::Once;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use pyo3::intern;
use pyo3::prelude::*;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::error::Result;
use crate::per_process::PerProcess;
use crate::runtime::{Engine, engine};

/// Begins to forward, in every process once.
pub(crate) fn forward(py: Python<'_>) -> Result<()> {
    static ONCE: Once = Once::new();
    // An error means that somebody else listens, which can only be this very library.
    ONCE.call_once(|| _ = tracing::subscriber::set_global_default(Forward));
    let engine = engine(py)?;
    QUEUE
        .get_or_try_init(|| {
            let (queue, lines) = sync_channel(MOST_WAITING);
            thread::Builder::new()
                .name("hookseal-log".to_owned())
                .spawn(move || hand_over(engine, &lines))?;
            Ok::<_, std::io::Error>(queue)
        })
        .map_err(PyErr::from)?;
    Ok(())
}

struct Line {
    level: u8,
    text: String,
}

fn hand_over(engine: &Engine, lines: &Receiver<Line>) {
    while let Ok(line) = lines.recv() {
        engine.enter_python(|py| {
            if let Err(error) = log(py, &line) {
                error.write_unraisable(py, None);
            }
        });
    }
}

fn log(py: Python<'_>, line: &Line) -> PyResult<()> {
    let logger = py.import(intern!(py, "logging"))?.call_method1(intern!(py, "getLogger"), ("hookseal",))?;
    logger.call_method1(intern!(py, "log"), (line.level, "%s", line.text.as_str()))?;
    Ok(())
}

/// Listens to the core alone; spans are not followed.
struct Forward;

impl Subscriber for Forward {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::INFO && metadata.target().starts_with("hookseal")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn event(&self, event: &Event<'_>) {
        let Some(queue) = QUEUE.get() else { return };
        let mut text = Text { message: String::new(), fields: String::new() };
        event.record(&mut text);
        let level = match *event.metadata().level() {
            Level::ERROR => 40,
            Level::WARN => 30,
            _ => 20,
        };
        let _ = queue.try_send(Line { level, text: text.message + &text.fields });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A message and what belongs to it: `endpoint disabled endpoint=3`.
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

static QUEUE: PerProcess<SyncSender<Line>> = PerProcess::new();

const MOST_WAITING: usize = 1024;
