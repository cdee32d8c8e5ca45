//! Raw sockets: a copy of each ICMP packet that comes in.

use std::mem::{size_of, zeroed};
use std::{fmt, ptr};

use netstack_sys as sys;

use crate::address::Family;
use crate::arrival::Arrival;
use crate::callback::{deliver, destroy, give};
use crate::error::{Result, Said};
use crate::notify::{on_notify, Notify};
use crate::packet::Packet;
use crate::ping_socket::{closed, one, over, room};
use crate::stack::Stack;

/// Options of [`Stack::raw_socket_with`].
///
/// ```
/// # let (stack, _wire) = include!("doc/stack.rs");
/// use netstack::{Family, RawSocketOptions};
///
/// let socket = stack.raw_socket_with(Family::V4, RawSocketOptions::new().nic(1).receive_bytes(4096))?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct RawSocketOptions {
    nic: Option<u32>,
    receive_bytes: Option<u64>,
    notify: Option<Notify>,
}

impl RawSocketOptions {
    /// Any NIC, room for 217,088 bytes, and nobody to notify.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let socket = stack.raw_socket_with(netstack::Family::V4, netstack::RawSocketOptions::new())?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Copies what comes in on the NIC of this number alone, from 1 on.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let socket = stack.raw_socket_with(netstack::Family::V4, netstack::RawSocketOptions::new().nic(2))?;
    /// wire.inject(&echo_request)?;
    /// assert!(socket.receive()?.is_none());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn nic(mut self, id: u32) -> Self {
        self.nic = Some(id);
        self
    }

    /// How many bytes may wait to be received, from 1 on.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let socket = stack.raw_socket_with(netstack::Family::V4, netstack::RawSocketOptions::new().receive_bytes(1))?;
    /// wire.inject(&echo_request)?;
    /// assert_eq!(stack.counter("raw_sockets.queue_full")?, 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn receive_bytes(mut self, bytes: u64) -> Self {
        self.receive_bytes = Some(bytes);
        self
    }

    /// Called when a socket whose queue was empty has a packet to receive, on the thread that delivered it; calls may
    /// overlap. A panic in it resumes from the call that delivered.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// let options = netstack::RawSocketOptions::new().notify(move || drop(sender.send("a packet")));
    /// let socket = stack.raw_socket_with(netstack::Family::V4, options)?;
    /// wire.inject(&echo_request)?;
    /// assert_eq!(receiver.try_recv(), Ok("a packet"));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn notify(mut self, notify: impl Fn() + Send + Sync + 'static) -> Self {
        self.notify = Some(Box::new(notify));
        self
    }
}

impl fmt::Debug for RawSocketOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawSocketOptions").field("nic", &self.nic).finish_non_exhaustive()
    }
}

/// Receives a copy of each ICMP packet that comes in whole, also of those that nobody here takes, and with a wrong ICMP
/// checksum: see [`PacketInfo::has_bad_checksum`](crate::PacketInfo::has_bad_checksum). It influences nothing.
///
/// It does not keep the stack: once that was dropped, it is [`Error::Closed`](crate::Error::Closed).
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// # let echo_request = include!("doc/echo_request.rs");
/// let socket = stack.raw_socket(netstack::Family::V4)?;
/// wire.inject(&echo_request)?;
/// assert_eq!(socket.receive()?.expect("a copy").as_ref(), echo_request);
/// # Ok::<(), netstack::Error>(())
/// ```
pub struct RawSocket {
    socket: *mut sys::ns_raw_socket,
    #[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "nothing else awaits it"))]
    pub(crate) arrival: Arrival,
}

// SAFETY: the library lets any thread use a socket.
unsafe impl Send for RawSocket {}
// SAFETY: as above.
unsafe impl Sync for RawSocket {}

impl Stack {
    /// Makes a raw socket of one family, which receives from now on.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let socket = stack.raw_socket(netstack::Family::V6)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument): both families.
    /// [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn raw_socket(&self, family: Family) -> Result<RawSocket> {
        self.raw_socket_with(family, RawSocketOptions::new())
    }

    /// As [`raw_socket`](Self::raw_socket), with options.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let error = stack.raw_socket_with(netstack::Family::Any, netstack::RawSocketOptions::new()).unwrap_err();
    /// assert_eq!(error.to_string(), "a socket is of one family, V4 or V6");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument), [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn raw_socket_with(&self, family: Family, options: RawSocketOptions) -> Result<RawSocket> {
        let family = one(family)?;
        let nic = over(options.nic)?;
        let receive_bytes = room(options.receive_bytes)?;
        let arrival = Arrival::default();
        let notify = arrival.and(options.notify);
        let mut socket = RawSocket { socket: ptr::null_mut(), arrival };
        deliver(|| {
            let mut said = Said::nothing();
            // SAFETY: the stack is alive, the options are filled in, and the library owns the notify from here on.
            let status = unsafe {
                let mut raw: sys::ns_raw_socket_options = zeroed();
                sys::ns_raw_socket_options_init(&mut raw, size_of::<sys::ns_raw_socket_options>());
                raw.nic = nic;
                raw.receive_bytes = receive_bytes;
                if let Some(notify) = notify {
                    raw.notify = Some(on_notify);
                    raw.user_data = give::<Notify>(notify);
                    raw.destroy = Some(destroy::<Notify>);
                }
                sys::ns_raw_socket_new(self.raw(), family, &raw, &mut socket.socket, said.out())
            };
            said.result(status).map(|()| socket)
        })
    }
}

impl RawSocket {
    /// Takes the oldest packet out of the queue; `None`: none waits. One that finds the queue full is dropped and
    /// counted as `raw_sockets.queue_full`.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// assert!(stack.raw_socket(netstack::Family::V4)?.receive()?.is_none());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Closed`](crate::Error::Closed): the stack was dropped.
    pub fn receive(&self) -> Result<Option<Packet>> {
        let mut packet = ptr::null_mut();
        // SAFETY: the socket is alive.
        match deliver(|| unsafe { sys::ns_raw_socket_receive(self.socket, &mut packet) }) {
            sys::NS_ERR_WOULD_BLOCK => Ok(None),
            status => closed(status).map(|()| Packet::own(packet)),
        }
    }
}

impl Drop for RawSocket {
    fn drop(&mut self) {
        // SAFETY: null or a socket that this owns.
        deliver(|| unsafe { sys::ns_raw_socket_free(self.socket) });
    }
}

impl fmt::Debug for RawSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawSocket").finish_non_exhaustive()
    }
}
