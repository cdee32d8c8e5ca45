//! What subscribers of the crate `tracing` are told.
#![forbid(unsafe_code)]
#![cfg(feature = "tracing")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use netstack::{Family, Verdict};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use wire::{ours, request, Wire};

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            write!(self.0, " {value:?}").unwrap();
        } else {
            write!(self.0, " {}={value:?}", field.name()).unwrap();
        }
    }
}

impl Subscriber for Told {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "netstack"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = Line(format!("span {}", span.metadata().name()));
        span.record(&mut line);
        self.0.lock().unwrap().push(line.0);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What is told while the work is done.
fn told(work: impl FnOnce()) -> Vec<String> {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), work);
    let lines = told.0.lock().unwrap().clone();
    lines
}

// One test alone: who wants to be told is looked up when a place first tells something, by any thread of the process.
#[test]
fn what_is_set_up_and_delivered_is_told_and_a_panic_before_it_resumes() {
    let lines = told(|| {
        let wire = Wire::new();
        wire.on_echo(|_| Verdict::Consumed);
        assert_eq!(wire.answers(&request(ours(4))), 0);
        wire.stack.remove_handler(Family::Any).unwrap();
        wire.the_nic().remove().unwrap();
        wire.stack.poll().unwrap();
    });
    assert_eq!(
        lines,
        [
            "DEBUG stack made",
            "DEBUG NIC added nic=1",
            "DEBUG handler installed family=Any",
            "span inject bytes=32",
            "TRACE request nic=1 source=192.168.0.2 destination=192.168.0.1 identifier=1234 sequence=1 \
             verdict=Consumed",
            "DEBUG handler removed family=Any",
            "DEBUG NIC removed nic=1",
            "span poll",
        ]
    );

    let wire = Wire::new();
    wire.on_echo(|_| panic!("the handler is broken"));
    let lines = told(|| {
        let text = wire::panic_of(|| wire.link.inject(&request(ours(4)).build()));
        assert_eq!(text, "the handler is broken");
    });
    assert_eq!(lines, ["span inject bytes=32", "ERROR a callback panicked"]);
}
