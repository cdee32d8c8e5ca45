//! Stacks that tokio drives: nothing blocks, and handlers run in its tasks. With the feature `tokio`.
//!
//! [`run`] is [`Stack::run`] for a task; [`ping`] and the sockets' `received` await what packets bring. While a `run`
//! of the stack is under way they leave the driving to it; otherwise each drives the stack itself, which costs more the
//! more of them there are. A panic in a handler comes out of the future that drives.
//!
//! All of them need a runtime with IO and time, and panic outside of one. Dropping a future leaves nothing behind.
//! Timeouts are by tokio's time. A [`ManualClock`](crate::ManualClock) can't wait: that is
//! [`Error::Unsupported`], and [`Stack::poll`] is yours to call.
//!
//! ```
//! # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
//! use std::sync::Arc;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main_with(near: netstack::Stack) -> netstack::Result<()> {
//! let stack = Arc::new(near);
//! let driver = tokio::spawn({
//!     let stack = Arc::clone(&stack);
//!     async move { netstack::tokio::run(&stack).await }
//! });
//! let reply = netstack::tokio::ping(&stack, [192, 168, 0, 2]).await?;
//! println!("{:?}", reply.rtt);
//!
//! stack.stop();
//! driver.await.expect("no panic")?;
//! # Ok(())
//! # }
//! # main_with(near)?;
//! # Ok::<(), netstack::Error>(())
//! ```

use std::future::{poll_fn, Future};
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ::tokio::io::unix::{AsyncFd, AsyncFdReadyGuard};
use ::tokio::io::Interest;
use ::tokio::sync::Notify;
use ::tokio::{task, time};
use netstack_sys as sys;

use crate::address::Family;
use crate::arrival::Arrival;
use crate::clock::{nanoseconds, Clock};
use crate::error::{Error, Result};
use crate::packet::Packet;
use crate::ping::{PingOptions, PingReply};
use crate::ping_socket::{PingSocket, SocketOptions};
use crate::raw_socket::RawSocket;
use crate::stack::Stack;

/// How long to leave alone what other threads have to do.
const PATIENCE: Duration = Duration::from_millis(1);

/// When a reply came that another one came before.
const UNKNOWN: u64 = u64::MAX;

/// What a stack knows of those who drive it.
pub(crate) struct Driven {
    clock: Arc<Clock>,
    stopped: AtomicBool,
    runs: AtomicUsize,
    run_ended: Notify,
    /// The next deadline, as whoever polled last saw it.
    deadline: AtomicU64,
    deadline_moved: Notify,
}

impl Driven {
    pub(crate) fn new(clock: Arc<Clock>) -> Self {
        Self {
            clock,
            stopped: AtomicBool::new(false),
            runs: AtomicUsize::new(0),
            run_ended: Notify::new(),
            deadline: AtomicU64::new(u64::MAX),
            deadline_moved: Notify::new(),
        }
    }

    /// After a poll, which may have taken what would have woken another driver.
    pub(crate) fn polled(&self, deadline: Option<Duration>) {
        let deadline = deadline.map_or(u64::MAX, nanoseconds);
        if deadline < self.deadline.swap(deadline, Ordering::SeqCst) {
            self.deadline_moved.notify_waiters();
        }
    }

    /// Nothing but an atomic, as a signal handler may do it.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    fn refuse_manual_clock(&self) -> Result<()> {
        // SAFETY: the clock is alive. Only a manual clock can be advanced, also by nothing.
        if unsafe { sys::ns_clock_advance(self.clock.0, 0) } == sys::NS_OK {
            return Err(Error::Unsupported("a manual clock can't wait; call poll() when it was advanced".into()));
        }
        Ok(())
    }
}

/// A `run` that is under way.
struct Run<'a>(&'a Driven);

impl<'a> Run<'a> {
    fn begin(driven: &'a Driven) -> Self {
        driven.runs.fetch_add(1, Ordering::SeqCst);
        Self(driven)
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.0.runs.fetch_sub(1, Ordering::SeqCst);
        self.0.run_ended.notify_waiters();
    }
}

/// Drives a stack until [`Stack::stop`], or until the future is dropped: reads devices, delivers packets and runs timers
/// as [`Stack::run`] does, in one task. Others may poll, run or ping at the same time.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> netstack::Result<()> {
/// let stack = netstack::Stack::new()?;
/// stack.stop();
/// netstack::tokio::run(&stack).await
/// # }
/// ```
///
/// # Errors
/// [`Error::Closed`]: a device is gone, and running again serves the others. [`Error::Unsupported`]: a manual clock.
/// [`Error::Io`], [`Error::NoMemory`].
///
/// # Panics
/// With what a handler beneath it panicked with; outside of a runtime with IO and time.
pub async fn run(stack: &Stack) -> Result<()> {
    let _run = Run::begin(&stack.driven);
    drive(stack).await
}

async fn drive(stack: &Stack) -> Result<()> {
    stack.driven.refuse_manual_clock()?;
    // A duplicate, which belongs to this future alone.
    let duplicate = stack.as_fd().try_clone_to_owned()?;
    #[allow(deprecated, reason = "what comes after it needs a newer Rust, and an OwnedFd is sound with both")]
    let descriptor = AsyncFd::with_interest(duplicate, Interest::READABLE)?;
    let mut readiness: Option<AsyncFdReadyGuard<'_, OwnedFd>> = None;
    while !stack.driven.is_stopped() {
        let mut moved = pin!(stack.driven.deadline_moved.notified());
        moved.as_mut().enable();
        if stack.poll()? > 0 {
            task::yield_now().await;
            continue;
        }
        if let Some(mut seen) = readiness.take() {
            // Not what has come since.
            seen.clear_ready();
        }
        let pause = pause(stack, &descriptor);
        let mut readable = pin!(descriptor.readable());
        let woken = poll_fn(|context| match readable.as_mut().poll(context) {
            Poll::Pending => moved.as_mut().poll(context).map(|()| Ok(None)),
            Poll::Ready(ready) => Poll::Ready(ready.map(Some)),
        });
        readiness = time::timeout(pause, woken).await.ok().transpose()?.flatten();
    }
    Ok(())
}

/// How long to wait for the descriptor.
fn pause(stack: &Stack, descriptor: &AsyncFd<OwnedFd>) -> Duration {
    let mut waiting = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one entry, which is there.
    if unsafe { libc::poll(&mut waiting, 1, 0) } > 0 {
        // Another thread is at it, and may leave it.
        return PATIENCE;
    }
    stack.next_deadline().map_or(Duration::MAX, |deadline| deadline.saturating_sub(stack.driven.clock.now()))
}

/// Awaits what packets bring, and drives the stack as long as nobody else does.
async fn driven<T>(stack: &Stack, wanted: impl Future<Output = Result<T>>) -> Result<T> {
    stack.driven.refuse_manual_clock()?;
    let mut wanted = pin!(wanted);
    while !stack.driven.is_stopped() {
        let run_ended = stack.driven.run_ended.notified();
        let mut driving = pin!(async {
            if stack.driven.runs.load(Ordering::SeqCst) == 0 {
                return drive(stack).await;
            }
            run_ended.await;
            Ok(())
        });
        let came = poll_fn(|context| match wanted.as_mut().poll(context) {
            Poll::Ready(came) => Poll::Ready(came.map(Some)),
            Poll::Pending => driving.as_mut().poll(context).map_ok(|()| None),
        });
        if let Some(came) = came.await? {
            return Ok(came);
        }
    }
    Err(Error::Closed("the stack is stopped".into()))
}

/// Sends one Echo Request and awaits its reply, one second at most, as [`Stack::ping`] does. Many may wait at once.
///
/// ```
/// # let (stack, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main_with(stack: netstack::Stack) -> netstack::Result<()> {
/// let reply = netstack::tokio::ping(&stack, [192, 168, 0, 2]).await?;
/// assert_eq!(reply.packet.info().ttl(), 64);
/// # Ok(())
/// # }
/// # main_with(stack)?;
/// # Ok::<(), netstack::Error>(())
/// ```
///
/// # Errors
/// As [`Stack::ping`]; [`Error::Unsupported`] also for a manual clock.
///
/// # Panics
/// As [`run`].
pub async fn ping(stack: &Stack, destination: impl Into<IpAddr>) -> Result<PingReply> {
    ping_with(stack, destination, PingOptions::new()).await
}

/// As [`ping`], with options. The timeout is by tokio's time.
///
/// ```
/// # let (stack, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main_with(stack: netstack::Stack) -> netstack::Result<()> {
/// let options = netstack::PingOptions::new().payload("hello");
/// let reply = netstack::tokio::ping_with(&stack, [192, 168, 0, 2], options).await?;
/// assert_eq!(reply.packet.payload(), b"hello");
/// # Ok(())
/// # }
/// # main_with(stack)?;
/// # Ok::<(), netstack::Error>(())
/// ```
///
/// # Errors
/// As [`ping`].
///
/// # Panics
/// As [`run`].
pub async fn ping_with(stack: &Stack, destination: impl Into<IpAddr>, options: PingOptions) -> Result<PingReply> {
    let destination = destination.into();
    options.check(destination)?;
    let came = Arc::new(AtomicU64::new(UNKNOWN));
    let socket = socket_for(stack, destination, &options, Arc::clone(&came))?;
    let begin = stack.driven.clock.now();
    let reply = async {
        socket.send_to(destination, options.sequence, &options.payload)?;
        loop {
            let packet = arrived(&socket.arrival, || socket.receive()).await?;
            if packet.info().sequence() == options.sequence {
                return Ok(packet);
            }
            came.store(UNKNOWN, Ordering::Relaxed);
        }
    };
    let packet = time::timeout(options.patience(), driven(stack, reply)).await.map_err(|_| Error::TimedOut)??;
    let end = match came.load(Ordering::Relaxed) {
        UNKNOWN => stack.driven.clock.now(),
        time => Duration::from_nanos(time),
    };
    Ok(PingReply { packet, rtt: end.saturating_sub(begin) })
}

/// A socket that hears from the destination alone, from anybody if it is a group, and notes when its empty queue got a
/// packet.
fn socket_for(stack: &Stack, destination: IpAddr, options: &PingOptions, came: Arc<AtomicU64>) -> Result<PingSocket> {
    let clock = Arc::clone(&stack.driven.clock);
    let mut made = SocketOptions::new().tos(options.tos).notify(move || {
        came.store(nanoseconds(clock.now()), Ordering::Relaxed);
    });
    if let Some(nic) = options.nic {
        made = made.nic(nic);
    }
    if let Some(ttl) = options.ttl {
        made = made.ttl(ttl);
    }
    let family = if destination.is_ipv4() { Family::V4 } else { Family::V6 };
    let socket = stack.ping_socket_with(family, made)?;
    if let Some(source) = options.source {
        socket.bind(Some(source), 0)?;
    }
    if !destination.is_multicast() {
        socket.connect(destination)?;
    }
    Ok(socket)
}

/// Awaits a packet of a socket.
async fn arrived(arrival: &Arrival, receive: impl Fn() -> Result<Option<Packet>>) -> Result<Packet> {
    loop {
        if let Some(packet) = receive()? {
            // More may be there, for whoever else waits.
            arrival.0.notify_one();
            return Ok(packet);
        }
        arrival.0.notified().await;
    }
}

impl PingSocket {
    /// Awaits the next Echo Reply; with the feature `tokio`. The stack must be the socket's.
    ///
    /// ```
    /// # let (stack, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main_with(stack: netstack::Stack) -> netstack::Result<()> {
    /// let socket = stack.ping_socket(netstack::Family::V4)?;
    /// socket.send_to([192, 168, 0, 2], 1, b"ping")?;
    /// assert_eq!(socket.received(&stack).await?.payload(), b"ping");
    /// # Ok(())
    /// # }
    /// # main_with(stack)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Closed`]: the stack was stopped, or a device is gone. [`Error::Unsupported`]: a manual clock.
    /// [`Error::Io`], [`Error::NoMemory`].
    ///
    /// # Panics
    /// As [`run`].
    pub async fn received(&self, stack: &Stack) -> Result<Packet> {
        driven(stack, arrived(&self.arrival, || self.receive())).await
    }
}

impl RawSocket {
    /// Awaits the next packet; with the feature `tokio`. The stack must be the socket's.
    ///
    /// ```
    /// # let (near, far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main_with(near: netstack::Stack, far: netstack::Stack) -> netstack::Result<()> {
    /// let socket = far.raw_socket(netstack::Family::V4)?;
    /// near.ping([192, 168, 0, 2])?;
    /// assert_eq!(socket.received(&far).await?.info().icmp_type(), 8);
    /// # Ok(())
    /// # }
    /// # main_with(near, far)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`PingSocket::received`].
    ///
    /// # Panics
    /// As [`run`].
    pub async fn received(&self, stack: &Stack) -> Result<Packet> {
        driven(stack, arrived(&self.arrival, || self.receive())).await
    }
}
