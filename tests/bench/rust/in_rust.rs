//! Handler and loop in Rust: two calls of C an echo, and one back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use netstack::{Channel, NicOptions, Request, Stack, Verdict};

use crate::contestant::{Contestant, Handler};
use crate::packet::{OURS_V4, OURS_V6};

/// How a reply is taken out of the channel.
pub enum Reading {
    IntoBuffer,
    Vector,
}

pub struct InRust {
    // What nobody has is closed.
    _stack: Stack,
    wire: Channel,
    reading: Reading,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    calls: AtomicU64,
    ttls: AtomicU64,
}

impl Seen {
    fn request(&self) {
        add(&self.calls, 1);
    }
}

/// No more than C's `+=` costs, which is right with one thread only.
fn add(sum: &AtomicU64, value: u64) {
    sum.store(sum.load(Ordering::Relaxed) + value, Ordering::Relaxed);
}

impl InRust {
    pub fn new(handler: Handler, reading: Reading) -> netstack::Result<Self> {
        let stack = Stack::new()?;
        let wire = Channel::new()?;
        stack.add_nic(&wire, NicOptions::new().address((OURS_V4.into(), 16)).address((OURS_V6.into(), 64)))?;
        let seen = Arc::<Seen>::default();
        let theirs = Arc::clone(&seen);
        match handler {
            Handler::None => {}
            Handler::Replies => stack.on_echo(move |request: &mut Request<'_>| {
                theirs.request();
                let _ = request.reply();
                Verdict::Consumed
            })?,
            Handler::Consumes => stack.on_echo(move |_: &mut Request<'_>| {
                theirs.request();
                Verdict::Consumed
            })?,
            Handler::Observes => stack.on_echo(move |request: &mut Request<'_>| {
                theirs.request();
                add(&theirs.ttls, request.ttl().into());
                Verdict::Declined
            })?,
        }
        Ok(Self { _stack: stack, wire, reading, seen })
    }
}

impl Contestant for InRust {
    fn echoes(&mut self, request: &[u8], count: u32, reply: &mut [u8]) -> usize {
        let mut length = 0;
        match self.reading {
            Reading::IntoBuffer => {
                for _ in 0..count {
                    let _ = self.wire.inject(request);
                    length = self.wire.read_into(reply).unwrap_or(0);
                }
            }
            Reading::Vector => {
                let mut last = None;
                for _ in 0..count {
                    let _ = self.wire.inject(request);
                    last = self.wire.read();
                }
                if let Some(packet) = last {
                    length = packet.len();
                    reply[..length].copy_from_slice(&packet);
                }
            }
        }
        length
    }

    fn calls(&self) -> u64 {
        self.seen.calls.load(Ordering::Relaxed)
    }
}
