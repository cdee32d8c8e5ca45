//! A user-space IP stack whose heart is an ICMP echo *forwarder*: a closure decides, for each Echo Request that comes
//! in, whether it owns the packet, and independently whether the stack answers it.
//!
//! ```no_run
//! use netstack::{NicOptions, Stack, Tun, Verdict};
//!
//! # fn main() -> netstack::Result<()> {
//! let stack = Stack::new()?;
//! stack.add_nic(Tun::open("tun0")?, NicOptions::new().local_prefix("10.7.0.0/16").local_prefix("fd07::/64"))?;
//! stack.on_echo(|request| {
//!     let _ = request.reply();
//!     Verdict::Consumed
//! })?;
//! stack.run()
//! # }
//! ```
//!
//! A [`Stack`] has NICs; a [`Nic`] is made from a link ([`Tun`], [`Channel`], [`FdLink`], [`CallbackLink`]) with
//! addresses and local prefixes; the handler gets a [`Request`].
//!
//! # Threads
//!
//! The library starts no threads. Everything is `Send` and `Sync` but a [`Request`], which is for its handler. No lock is
//! held while a handler runs. After a fork the child may only drop what it inherited.
//!
//! In all languages the same, and told in the repository's `capi/docs`: the life of a request (`request.md`), who owns
//! what (`ownership.md`), what threads may do (`threads.md`), how calls fail (`errors.md`).
//!
//! # Features
//!
//! None is on by default.
//!
//! - `tokio`: the module `netstack::tokio` drives a stack in a task, and awaits pings and what sockets receive.
//! - `tracing`: what happens, for subscribers of the crate `tracing`, with the target `netstack`:
//!
//! | | level | fields |
//! |---|---|---|
//! | event "stack made" | debug | |
//! | event "NIC added", "NIC removed" | debug | `nic` |
//! | event "handler installed", "handler removed" | debug | `family` |
//! | event "request", when its handler has returned | trace | `nic`, `source`, `destination`, `identifier`, `sequence`, `verdict` |
//! | event "a callback panicked", before the panic resumes | error | |
//! | span `inject` | trace | `bytes` |
//! | spans `poll` and `run` | trace | |
//! | span `ping` | trace | `destination` |
#![warn(missing_docs, unsafe_op_in_unsafe_fn)]
#![doc(test(attr(forbid(unsafe_code))))]

mod address;
mod arrival;
mod callback;
mod callback_link;
mod capture;
mod channel;
mod clock;
mod echo;
mod error;
mod fd_link;
mod icmp_limit;
mod link;
mod nic;
mod nic_options;
mod notify;
mod packet;
mod ping;
mod ping_socket;
mod random;
mod raw_socket;
mod request;
mod route;
mod stack;
mod stats;
#[cfg(feature = "tokio")]
pub mod tokio;
mod trace;
mod tun;
mod version;

pub use address::{Family, Prefix, ToPrefix};
pub use callback_link::CallbackLink;
pub use capture::Capture;
pub use channel::{Channel, ChannelOptions};
pub use clock::{ClockSource, ManualClock};
pub use echo::{EchoDestination, EchoOptions, EchoPolicy};
pub use error::{Error, Result};
pub use fd_link::{FdLink, PacketInformation};
pub use icmp_limit::UNLIMITED_ICMP_RATE;
pub use link::{Injected, Link, MTU_MAX};
pub use nic::Nic;
pub use nic_options::NicOptions;
pub use packet::{Packet, PacketInfo};
pub use ping::{PingOptions, PingReply};
pub use ping_socket::{PingSocket, SocketOptions};
pub use raw_socket::{RawSocket, RawSocketOptions};
pub use request::{Request, Verdict};
pub use route::Route;
pub use stack::{Stack, StackOptions};
pub use tun::{Tun, TunOptions};
pub use version::version;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
