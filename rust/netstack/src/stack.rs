//! The stack: made, driven, ended.

use std::mem::{size_of, zeroed};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fmt, ptr};

use netstack_sys as sys;

use crate::callback::{deliver, parked};
use crate::clock::{Clock, ClockSource, ManualClock};
use crate::error::{invalid, Result, Said};
use crate::nic::Nics;
use crate::random::Random;
use crate::trace::{event, span};
use crate::version::check_version;

/// An IP stack. It has NICs, and handlers decide about each Echo Request that comes in.
///
/// It starts no threads: packets are dealt with inside [`Link::inject`](crate::Link::inject), [`poll`](Self::poll),
/// [`run`](Self::run) and [`ping`](Self::ping), on the thread that calls them, timers inside the latter three. Any
/// thread may call any method, also in handlers. Dropping it ends it: at once, without waiting for handlers that run.
///
/// ```
/// # let echo_request = include!("doc/echo_request.rs");
/// use netstack::{Channel, NicOptions, Stack};
///
/// let stack = Stack::new()?;
/// let wire = Channel::new()?;
/// stack.add_nic(&wire, NicOptions::new().address("192.168.0.1/24"))?;
/// wire.inject(&echo_request)?;
/// assert!(wire.read().is_some());
/// # Ok::<(), netstack::Error>(())
/// ```
pub struct Stack {
    raw: *mut sys::ns_stack,
    pub(crate) nics: Mutex<Nics>,
    #[cfg(feature = "tokio")]
    pub(crate) driven: crate::tokio::Driven,
}

// SAFETY: the library lets any thread use a stack.
unsafe impl Send for Stack {}
// SAFETY: as above.
unsafe impl Sync for Stack {}

/// Options of [`Stack::with`].
///
/// ```
/// use netstack::{Stack, StackOptions};
///
/// let stack = Stack::with(StackOptions::new().strict_routes().default_ttl(255).seed(1))?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct StackOptions {
    flags: u32,
    ttl: Option<u8>,
    hop_limit: Option<u8>,
    reassembly: Option<(usize, usize)>,
    clock: Option<Arc<Clock>>,
    random: Option<Random>,
    error: Option<crate::Error>,
}

impl StackOptions {
    /// The system's clock and random numbers, and no flags.
    ///
    /// ```
    /// let stack = netstack::Stack::with(netstack::StackOptions::new())?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// An answer whose way back no route tells is not sent, instead of leaving by the NIC that the request came in on.
    ///
    /// ```
    /// # let echo_request = include!("doc/echo_request.rs");
    /// # let wire = netstack::Channel::new()?;
    /// let stack = netstack::Stack::with(netstack::StackOptions::new().strict_routes())?;
    /// stack.add_nic(&wire, netstack::NicOptions::new().promiscuous())?;
    /// stack.on_echo(|request| {
    ///     assert!(matches!(request.reply(), Err(netstack::Error::NoRoute(_))));
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn strict_routes(mut self) -> Self {
        self.flags |= sys::NS_STACK_STRICT_ROUTES;
        self
    }

    /// Drops packets whose source is an address of the NIC that they come in on.
    ///
    /// ```
    /// let stack = netstack::Stack::with(netstack::StackOptions::new().check_local_source())?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn check_local_source(mut self) -> Self {
        self.flags |= sys::NS_STACK_CHECK_LOCAL_SOURCE;
        self
    }

    /// Takes packets from and to 127.0.0.0/8 and `::1`.
    ///
    /// ```
    /// let stack = netstack::Stack::with(netstack::StackOptions::new().allow_loopback())?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn allow_loopback(mut self) -> Self {
        self.flags |= sys::NS_STACK_ALLOW_LOOPBACK;
        self
    }

    /// The TTL of what the stack sends by IPv4, from 1 on; otherwise 64.
    ///
    /// ```
    /// # let echo_request = include!("doc/echo_request.rs");
    /// # let wire = netstack::Channel::new()?;
    /// let stack = netstack::Stack::with(netstack::StackOptions::new().default_ttl(9))?;
    /// stack.add_nic(&wire, netstack::NicOptions::new().address("192.168.0.1/24"))?;
    /// wire.inject(&echo_request)?;
    /// assert_eq!(wire.read().expect("a reply")[8], 9);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn default_ttl(mut self, ttl: u8) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// The Hop Limit of what the stack sends by IPv6, from 1 on; otherwise 64.
    ///
    /// ```
    /// let error = netstack::Stack::with(netstack::StackOptions::new().default_hop_limit(0)).unwrap_err();
    /// assert_eq!(error.to_string(), "default_hop_limit: 0 is not from 1 to 255");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn default_hop_limit(mut self, limit: u8) -> Self {
        self.hop_limit = Some(limit);
        self
    }

    /// How many bytes fragments may hold in each family; otherwise 4 MiB and 3 MiB.
    ///
    /// Above `high` the stack gives datagrams up, those first of whoever holds most, until they hold `low` bytes, which
    /// must not be more; 0: three quarters of `high`. A datagram of 65,535 bytes takes about 72,000 in packets of 1500,
    /// and never comes whole where that is too much.
    ///
    /// ```
    /// let stack = netstack::Stack::with(netstack::StackOptions::new().reassembly_bounds(1 << 20, 0))?;
    /// assert_eq!(stack.counter("reassembly.evicted")?, 0);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn reassembly_bounds(mut self, high: usize, low: usize) -> Self {
        self.reassembly = Some((high, low));
        self
    }

    /// Time stands still until the clock is advanced.
    ///
    /// ```
    /// let clock = netstack::ManualClock::new(std::time::Duration::ZERO)?;
    /// let stack = netstack::Stack::with(netstack::StackOptions::new().clock(&clock))?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn clock(mut self, clock: &ManualClock) -> Self {
        self.clock = Some(Arc::clone(&clock.0));
        self
    }

    /// Time comes from a source of one's own.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// struct SinceStart(Instant);
    ///
    /// impl netstack::ClockSource for SinceStart {
    ///     fn now(&self) -> Duration {
    ///         self.0.elapsed()
    ///     }
    /// }
    ///
    /// let stack = netstack::Stack::with(netstack::StackOptions::new().clock_source(SinceStart(Instant::now())))?;
    /// stack.poll()?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn clock_source(mut self, source: impl ClockSource) -> Self {
        match Clock::from_source(source) {
            Ok(clock) => self.clock = Some(Arc::new(clock)),
            Err(error) => self.error = self.error.or(Some(error)),
        }
        self
    }

    /// Random numbers are the same in every run, for tests.
    ///
    /// ```
    /// let identifier = || -> netstack::Result<u16> {
    ///     let stack = netstack::Stack::with(netstack::StackOptions::new().seed(1))?;
    ///     let socket = stack.ping_socket(netstack::Family::V4)?;
    ///     socket.bind(None, 0)?;
    ///     Ok(socket.name()?.1)
    /// };
    /// assert_eq!(identifier()?, identifier()?);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        match Random::seeded(seed) {
            Ok(random) => self.random = Some(random),
            Err(error) => self.error = self.error.or(Some(error)),
        }
        self
    }

    /// Random numbers come from a function of one's own, 64 bits a call. Calls come on any thread, and overlap.
    ///
    /// ```
    /// let stack = netstack::Stack::with(netstack::StackOptions::new().random(|| 4))?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn random(mut self, next: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        match Random::from_function(next) {
            Ok(random) => self.random = Some(random),
            Err(error) => self.error = self.error.or(Some(error)),
        }
        self
    }
}

impl Stack {
    /// A stack without NICs, with the system's clock.
    ///
    /// ```
    /// let stack = netstack::Stack::new()?;
    /// assert!(stack.nics().is_empty());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Unsupported`](crate::Error::Unsupported): the library that runs is not of the version that this crate
    /// was made for. [`Error::Limited`](crate::Error::Limited): no descriptors left.
    /// [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn new() -> Result<Self> {
        Self::with(StackOptions::new())
    }

    /// A stack with options.
    ///
    /// ```
    /// let error = netstack::Stack::with(netstack::StackOptions::new().default_ttl(0)).unwrap_err();
    /// assert_eq!(error.to_string(), "default_ttl: 0 is not from 1 to 255");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`Error::InvalidArgument`](crate::Error::InvalidArgument).
    pub fn with(options: StackOptions) -> Result<Self> {
        check_version()?;
        if let Some(error) = options.error {
            return Err(error);
        }
        for (name, limit) in [("default_ttl", options.ttl), ("default_hop_limit", options.hop_limit)] {
            if limit == Some(0) {
                return Err(invalid(format!("{name}: 0 is not from 1 to 255")));
            }
        }
        let (high, low) = match options.reassembly {
            Some((high, low)) if high == 0 || low > high => {
                return Err(invalid(format!(
                    "reassembly_bounds({high}, {low}): high is from 1 on, and low from 0 to high"
                )));
            }
            bounds => bounds.unwrap_or_default(),
        };
        let clock = match options.clock {
            Some(clock) => clock,
            None => Arc::new(Clock::system()?),
        };
        // From the start on, so that a panic from inside ends it.
        let mut stack = Self {
            raw: ptr::null_mut(),
            nics: Mutex::default(),
            #[cfg(feature = "tokio")]
            driven: crate::tokio::Driven::new(Arc::clone(&clock)),
        };
        let mut said = Said::nothing();
        // SAFETY: the options are filled in; the stack keeps references of its own to clock and random source.
        let status = deliver(|| unsafe {
            let mut raw: sys::ns_stack_options = zeroed();
            sys::ns_stack_options_init(&raw mut raw, size_of::<sys::ns_stack_options>());
            raw.flags = options.flags;
            raw.default_ttl = options.ttl.unwrap_or(0).into();
            raw.default_hop_limit = options.hop_limit.unwrap_or(0).into();
            (raw.reassembly_high, raw.reassembly_low) = (high, low);
            raw.clock = clock.0;
            raw.random = options.random.as_ref().map_or(ptr::null_mut(), |random| random.0);
            sys::ns_stack_new(&raw const raw, &raw mut stack.raw, said.out())
        });
        said.result(status)?;
        event!(DEBUG, "stack made");
        Ok(stack)
    }

    pub(crate) fn raw(&self) -> *mut sys::ns_stack {
        self.raw
    }

    /// Reads devices, delivers packets and runs timers until [`stop`](Self::stop).
    ///
    /// Several threads may call it: the first runs the timers and serves every device that no other call serves, each
    /// further one takes one device over.
    ///
    /// ```
    /// let stack = netstack::Stack::new()?;
    /// std::thread::scope(|scope| {
    ///     let running = scope.spawn(|| stack.run());
    ///     stack.stop();
    ///     running.join().expect("no panic")
    /// })?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Busy`](crate::Error::Busy): no device is left for this call.
    /// [`Error::Closed`](crate::Error::Closed): a device is gone, and running again serves the others.
    /// [`Error::Unsupported`](crate::Error::Unsupported): the stack's clock can't wait. What the
    /// [`wait`](ClockSource::wait) of a clock of one's own returned.
    ///
    /// # Panics
    /// With what a handler beneath it panicked with.
    pub fn run(&self) -> Result<()> {
        span!("run");
        deliver(|| {
            let mut said = Said::nothing();
            // SAFETY: the stack is alive.
            let status = unsafe { sys::ns_stack_run(self.raw, said.out()) };
            said.result(status).map_err(|error| parked().unwrap_or(error))
        })
    }

    /// Makes every [`run`](Self::run) of the stack return, now and from now on.
    ///
    /// ```
    /// let stack = netstack::Stack::new()?;
    /// stack.stop();
    /// stack.run()?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn stop(&self) {
        #[cfg(feature = "tokio")]
        self.driven.stop();
        // SAFETY: the stack is alive.
        unsafe { sys::ns_stack_stop(self.raw) }
    }

    /// Runs the timers that are due, reads what the devices have, and returns without waiting: how many packets it
    /// read. It reads a fair share of each device; the descriptor stays readable if more is there.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// # let (ours, peer) = std::os::unix::net::UnixDatagram::pair()?;
    /// # let link = netstack::FdLink::new(&ours, None, netstack::PacketInformation::None)?;
    /// # stack.add_nic(&link, netstack::NicOptions::new())?;
    /// assert_eq!(stack.poll()?, 0);
    /// peer.send(&echo_request)?;
    /// assert_eq!(stack.poll()?, 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Closed`](crate::Error::Closed): a device is gone. [`Error::NoMemory`](crate::Error::NoMemory).
    ///
    /// # Panics
    /// With what a handler beneath it panicked with.
    pub fn poll(&self) -> Result<usize> {
        span!("poll");
        let polled = deliver(|| {
            let mut packets = 0;
            let mut said = Said::nothing();
            // SAFETY: the stack is alive.
            let status = unsafe { sys::ns_stack_poll(self.raw, &raw mut packets, said.out()) };
            said.result(status).map(|()| packets)
        });
        #[cfg(feature = "tokio")]
        self.driven.polled(self.next_deadline());
        polled
    }

    /// When [`poll`](Self::poll) must be called though the descriptor is not readable, by the stack's clock; `None`: no
    /// timer is set.
    ///
    /// ```
    /// assert_eq!(netstack::Stack::new()?.next_deadline(), None);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        // SAFETY: the stack is alive.
        let deadline = deliver(|| unsafe { sys::ns_stack_get_next_deadline(self.raw) });
        (deadline != u64::MAX).then(|| Duration::from_nanos(deadline))
    }
}

/// Readable when [`Stack::poll`] has something to do. It stays the stack's: only wait for it. The child of a fork has none:
/// there this panics.
impl AsFd for Stack {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the stack is alive, and keeps its descriptor open.
        unsafe { BorrowedFd::borrow_raw(sys::ns_stack_get_descriptor(self.raw)) }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: null or a stack that nobody else has any more.
        deliver(|| unsafe { sys::ns_stack_free(self.raw) });
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").finish_non_exhaustive()
    }
}
