//! Ping: one Echo Request out, its Echo Reply back.

use std::mem::{size_of, zeroed};
use std::net::IpAddr;
use std::ptr;
use std::time::Duration;

use netstack_sys as sys;

use crate::address;
use crate::callback::{deliver, parked};
use crate::clock::nanoseconds;
use crate::error::{invalid, Error, Result, Said};
use crate::packet::Packet;
use crate::ping_socket::over;
use crate::stack::Stack;
use crate::trace::span;

/// Options of [`Stack::ping_with`].
///
/// ```
/// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
/// use std::time::Duration;
///
/// let options = netstack::PingOptions::new().timeout(Duration::from_secs(2)).ttl(9).sequence(5).payload("ping");
/// let reply = near.ping_with([192, 168, 0, 2], options)?;
/// assert_eq!(reply.packet.info().sequence(), 5);
/// assert_eq!(reply.packet.payload(), b"ping");
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct PingOptions {
    pub(crate) nic: Option<u32>,
    pub(crate) ttl: Option<u8>,
    pub(crate) tos: u8,
    timeout: Option<Duration>,
    pub(crate) source: Option<IpAddr>,
    pub(crate) sequence: u16,
    pub(crate) payload: Vec<u8>,
}

impl PingOptions {
    /// By the routes, from an address that is chosen, one second, without data.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// assert!(near.ping_with([192, 168, 0, 2], netstack::PingOptions::new())?.packet.payload().is_empty());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Over the NIC of this number alone, from 1 on. A group or a link-local address needs one.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let reply = near.ping_with([192, 168, 0, 2], netstack::PingOptions::new().nic(1))?;
    /// assert_eq!(reply.packet.info().nic(), 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn nic(mut self, id: u32) -> Self {
        self.nic = Some(id);
        self
    }

    /// TTL or Hop Limit, from 1 on; otherwise the stack's.
    ///
    /// ```
    /// # let (near, far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// far.on_echo(|request| {
    ///     assert_eq!(request.ttl(), 9);
    ///     netstack::Verdict::Declined
    /// })?;
    /// near.ping_with([192, 168, 0, 2], netstack::PingOptions::new().ttl(9))?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn ttl(mut self, ttl: u8) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// TOS or Traffic Class; otherwise 0.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let reply = near.ping_with([192, 168, 0, 2], netstack::PingOptions::new().tos(8))?;
    /// assert_eq!(reply.packet.info().tos(), 8);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn tos(mut self, tos: u8) -> Self {
        self.tos = tos;
        self
    }

    /// How long to wait, by the stack's clock; otherwise one second.
    ///
    /// ```
    /// # let (near, far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// # far.on_echo(|_| netstack::Verdict::Consumed)?;
    /// let options = netstack::PingOptions::new().timeout(std::time::Duration::from_millis(1));
    /// assert!(matches!(near.ping_with([192, 168, 0, 2], options), Err(netstack::Error::TimedOut)));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// From this address, which must be assigned; otherwise one is chosen.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let options = netstack::PingOptions::new().source([10, 0, 0, 1]);
    /// let error = near.ping_with([192, 168, 0, 2], options).unwrap_err();
    /// assert!(matches!(error, netstack::Error::NotFound(why) if why.contains("10.0.0.1")));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn source(mut self, address: impl Into<IpAddr>) -> Self {
        self.source = Some(address.into());
        self
    }

    /// The echo's sequence number; otherwise 0.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let reply = near.ping_with([192, 168, 0, 2], netstack::PingOptions::new().sequence(5))?;
    /// assert_eq!(reply.packet.info().sequence(), 5);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn sequence(mut self, sequence: u16) -> Self {
        self.sequence = sequence;
        self
    }

    /// The echo data; otherwise none.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let reply = near.ping_with([192, 168, 0, 2], netstack::PingOptions::new().payload([1, 2, 3]))?;
    /// assert_eq!(reply.packet.payload(), [1, 2, 3]);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn payload(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.payload = payload.into();
        self
    }

    /// Names what makes no sense.
    pub(crate) fn check(&self, destination: IpAddr) -> Result<()> {
        if self.ttl == Some(0) {
            return Err(invalid("ttl: 0 is not from 1 to 255"));
        }
        over(self.nic)?;
        if self.timeout == Some(Duration::ZERO) {
            return Err(invalid("timeout: there is no time to wait"));
        }
        match self.source {
            Some(source) if source.is_ipv4() != destination.is_ipv4() => {
                Err(invalid(format!("source {source} is not of the family of the destination {destination}")))
            }
            Some(source) if source.is_unspecified() => {
                Err(invalid(format!("source {source} is nobody's; leave it out to have one chosen")))
            }
            _ => Ok(()),
        }
    }

    /// How long to wait.
    pub(crate) fn patience(&self) -> Duration {
        self.timeout.unwrap_or(Duration::from_secs(1))
    }
}

/// What a ping brought back.
///
/// ```
/// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
/// let netstack::PingReply { packet, rtt, .. } = near.ping([192, 168, 0, 2])?;
/// println!("{} answered in {rtt:?}", packet.info().source());
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PingReply {
    /// The Echo Reply.
    pub packet: Packet,
    /// The round trip time, by the stack's clock.
    pub rtt: Duration,
}

impl Stack {
    /// Sends one Echo Request and waits for its reply, one second at most. A [`PingSocket`](crate::PingSocket) does
    /// more than one at a time, and without waiting.
    ///
    /// Meanwhile it reads devices and runs timers as [`poll`](Self::poll) does; another thread may be in
    /// [`run`](Self::run) at the same time. Inside the handler of a packet that a device brought, a reply by the same
    /// device can't come in time.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let reply = near.ping([192, 168, 0, 2])?;
    /// assert_eq!(reply.packet.info().ttl(), 64);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::TimedOut`]: no reply in time. [`Error::NoRoute`]; [`Error::WouldBlock`]: the link was full.
    /// [`Error::Unsupported`]: the clock can't wait, or the packet is longer than IP packets can be. [`Error::NotFound`]:
    /// nobody assigned the source. [`Error::Closed`]: the stack was stopped, or a device is gone. [`Error::Limited`]:
    /// no identifier or descriptor is free. [`Error::InvalidArgument`]; [`Error::NoMemory`]; or what the link or the
    /// clock said.
    ///
    /// # Panics
    /// With what a handler beneath it panicked with.
    pub fn ping(&self, destination: impl Into<IpAddr>) -> Result<PingReply> {
        self.ping_with(destination, PingOptions::new())
    }

    /// As [`ping`](Self::ping), with options.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let reply = near.ping_with([192, 168, 0, 2], netstack::PingOptions::new().payload("hello"))?;
    /// assert_eq!(reply.packet.payload(), b"hello");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`ping`](Self::ping).
    ///
    /// # Panics
    /// As [`ping`](Self::ping).
    #[allow(clippy::needless_pass_by_value, reason = "options are used up, as everywhere")]
    pub fn ping_with(&self, destination: impl Into<IpAddr>, options: PingOptions) -> Result<PingReply> {
        let destination = destination.into();
        options.check(destination)?;
        span!("ping", %destination);
        let to = address::to_sys(destination);
        deliver(|| {
            let mut rtt = 0;
            let mut reply = ptr::null_mut();
            let mut said = Said::nothing();
            // SAFETY: the stack is alive, the options are filled in, the payload is there for the call.
            let status = unsafe {
                let mut raw: sys::ns_ping_options = zeroed();
                sys::ns_ping_options_init(&mut raw, size_of::<sys::ns_ping_options>());
                raw.nic = options.nic.unwrap_or(0);
                raw.ttl = options.ttl.unwrap_or(0).into();
                raw.tos = options.tos.into();
                raw.timeout_ns = nanoseconds(options.patience());
                raw.sequence = options.sequence.into();
                if let Some(source) = options.source {
                    raw.source = address::to_sys(source);
                }
                raw.payload = options.payload.as_ptr();
                raw.payload_length = options.payload.len();
                sys::ns_ping(self.raw(), &to, &raw, &mut rtt, &mut reply, said.out())
            };
            said.result(status).map_err(|error| parked().unwrap_or(error))?;
            let packet = Packet::own(reply).ok_or(Error::NoMemory)?;
            Ok(PingReply { packet, rtt: Duration::from_nanos(rtt) })
        })
    }
}
