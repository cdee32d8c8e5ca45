//! Who takes part.

use std::fmt;

use crate::in_c::InC;
use crate::in_rust::{InRust, Reading};
use crate::packet::Marks;
use crate::smoltcp::Smoltcp;

/// What a contestant's handler does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Handler {
    /// There is none: the stack replies by itself.
    None,
    /// Has the stack reply, and consumes.
    Replies,
    /// Silence.
    Consumes,
    /// Looks, and declines: the stack replies by itself.
    Observes,
}

impl Handler {
    pub const ALL: [Self; 4] = [Self::None, Self::Replies, Self::Consumes, Self::Observes];
}

impl fmt::Display for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "no handler",
            Self::Replies => "replies",
            Self::Consumes => "consumes",
            Self::Observes => "observes",
        })
    }
}

/// A stack with an in and an out in memory.
pub trait Contestant {
    /// Gives it a request so many times, and takes each reply out: the length of the last one in `reply`, 0 if
    /// none came.
    fn echoes(&mut self, request: &[u8], count: u32, reply: &mut [u8]) -> usize;

    /// How often its handler was called.
    fn calls(&self) -> u64;
}

/// A contestant with what is expected of it.
pub struct Entry {
    pub contestant: Box<dyn Contestant>,
    pub language: &'static str,
    pub handler: Handler,
    /// Of its replies.
    pub marks: Marks,
    /// Of Rust's, an echo.
    pub allocations: u64,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.language, self.handler)
    }
}

pub fn entries() -> netstack::Result<Vec<Entry>> {
    let mut all = Vec::new();
    for handler in Handler::ALL {
        let mut add = |language, contestant, marks, allocations| {
            all.push(Entry { contestant, language, handler, marks, allocations });
        };
        add("C", Box::new(InC::new(handler)), Marks::ARRIVED, 0);
        add("Rust", Box::new(InRust::new(handler, Reading::IntoBuffer)?), Marks::ARRIVED, 0);
        add(
            "Rust, read()",
            Box::new(InRust::new(handler, Reading::Vector)?),
            Marks::ARRIVED,
            u64::from(handler != Handler::Consumes),
        );
        if handler == Handler::None {
            add("smoltcp", Box::new(Smoltcp::new()), Marks::NONE, 0);
        }
    }
    Ok(all)
}
