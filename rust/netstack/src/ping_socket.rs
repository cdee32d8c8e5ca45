//! Ping sockets: an identifier of the stack's own, Echo Requests out, and the Echo Replies that come for it.

use std::mem::{size_of, zeroed};
use std::net::IpAddr;
use std::{fmt, ptr};

use netstack_sys as sys;

use crate::address::{self, Family};
use crate::arrival::Arrival;
use crate::callback::{deliver, destroy, give};
use crate::error::{check, invalid, Error, Result, Said};
use crate::notify::{on_notify, Notify};
use crate::packet::Packet;
use crate::stack::Stack;

/// Options of [`Stack::ping_socket_with`].
///
/// ```
/// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
/// use netstack::{Family, SocketOptions};
///
/// let socket = near.ping_socket_with(Family::V4, SocketOptions::new().nic(1).ttl(9).tos(8).receive_bytes(4096))?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct SocketOptions {
    nic: Option<u32>,
    ttl: Option<u8>,
    tos: u8,
    receive_bytes: Option<u64>,
    notify: Option<Notify>,
}

impl SocketOptions {
    /// Any NIC, the stack's TTL, room for 217,088 bytes, and nobody to notify.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let socket = stack.ping_socket_with(netstack::Family::V6, netstack::SocketOptions::new())?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends and receives over the NIC of this number alone, from 1 on.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let socket = stack.ping_socket_with(netstack::Family::V4, netstack::SocketOptions::new().nic(2))?;
    /// let error = socket.connect([192, 168, 0, 2]).unwrap_err();
    /// assert_eq!(error.to_string(), "there is no way to 192.168.0.2");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn nic(mut self, id: u32) -> Self {
        self.nic = Some(id);
        self
    }

    /// TTL or Hop Limit of what it sends, from 1 on; otherwise the stack's.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let socket = stack.ping_socket_with(netstack::Family::V4, netstack::SocketOptions::new().ttl(9))?;
    /// socket.send_to([192, 168, 0, 2], 1, b"")?;
    /// assert_eq!(wire.read().expect("a packet")[8], 9);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn ttl(mut self, ttl: u8) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// TOS or Traffic Class of what it sends; otherwise 0.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let socket = stack.ping_socket_with(netstack::Family::V4, netstack::SocketOptions::new().tos(8))?;
    /// socket.send_to([192, 168, 0, 2], 1, b"")?;
    /// assert_eq!(wire.read().expect("a packet")[1], 8);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn tos(mut self, tos: u8) -> Self {
        self.tos = tos;
        self
    }

    /// How many bytes may wait to be received, from 1 on.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let socket = near.ping_socket_with(netstack::Family::V4, netstack::SocketOptions::new().receive_bytes(1))?;
    /// socket.send_to([192, 168, 0, 2], 1, b"")?;
    /// assert!(socket.receive()?.is_none());
    /// assert_eq!(near.counter("ping_sockets.queue_full")?, 1);
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
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// let options = netstack::SocketOptions::new().notify(move || drop(sender.send("a reply")));
    /// let socket = near.ping_socket_with(netstack::Family::V4, options)?;
    /// socket.send_to([192, 168, 0, 2], 1, b"")?;
    /// assert_eq!(receiver.try_recv(), Ok("a reply"));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn notify(mut self, notify: impl Fn() + Send + Sync + 'static) -> Self {
        self.notify = Some(Box::new(notify));
        self
    }
}

impl fmt::Debug for SocketOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketOptions").field("nic", &self.nic).finish_non_exhaustive()
    }
}

/// An Echo identifier of the stack's own: sends Echo Requests, and receives the Echo Replies that come for it.
///
/// What bears its identifier comes to it before any handler; an Echo Request that does is answered as if there were no
/// handler. It does not keep the stack: once that was dropped, every method is [`Error::Closed`]. Dropping it frees the
/// identifier.
///
/// ```
/// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
/// let socket = near.ping_socket(netstack::Family::V4)?;
/// socket.connect([192, 168, 0, 2])?;
/// for sequence in 1..=3 {
///     socket.send(sequence, b"ping")?;
/// }
/// while let Some(packet) = socket.receive()? {
///     println!("{} {}", packet.info().sequence(), packet.info().ttl());
/// }
/// # Ok::<(), netstack::Error>(())
/// ```
pub struct PingSocket {
    socket: *mut sys::ns_ping_socket,
    is_v4: bool,
    #[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "nothing else awaits it"))]
    pub(crate) arrival: Arrival,
}

// SAFETY: the library lets any thread use a socket.
unsafe impl Send for PingSocket {}
// SAFETY: as above.
unsafe impl Sync for PingSocket {}

/// The one family that a socket is of.
pub(crate) fn one(family: Family) -> Result<sys::ns_family> {
    if family == Family::Any {
        return Err(invalid("a socket is of one family, V4 or V6"));
    }
    Ok(family.to_sys())
}

/// 0 is no NIC; none asked for is any.
pub(crate) fn over(nic: Option<u32>) -> Result<u32> {
    if nic == Some(0) {
        return Err(invalid("nic: 0 is no NIC: they are numbered from 1 on"));
    }
    Ok(nic.unwrap_or(0))
}

/// Room for nothing is no room; none asked for is the library's.
pub(crate) fn room(receive_bytes: Option<u64>) -> Result<u64> {
    if receive_bytes == Some(0) {
        return Err(invalid("receive_bytes: 0 bytes are no room for a packet"));
    }
    Ok(receive_bytes.unwrap_or(0))
}

impl Stack {
    /// Makes a ping socket of one family, which is not bound yet.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let socket = stack.ping_socket(netstack::Family::V4)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: both families. [`Error::NoMemory`].
    pub fn ping_socket(&self, family: Family) -> Result<PingSocket> {
        self.ping_socket_with(family, SocketOptions::new())
    }

    /// As [`ping_socket`](Self::ping_socket), with options.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let options = netstack::SocketOptions::new().ttl(0);
    /// let error = stack.ping_socket_with(netstack::Family::V4, options).unwrap_err();
    /// assert_eq!(error.to_string(), "ttl: 0 is not from 1 to 255");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`], [`Error::NoMemory`].
    pub fn ping_socket_with(&self, family: Family, options: SocketOptions) -> Result<PingSocket> {
        let of = one(family)?;
        let nic = over(options.nic)?;
        let receive_bytes = room(options.receive_bytes)?;
        if options.ttl == Some(0) {
            return Err(invalid("ttl: 0 is not from 1 to 255"));
        }
        let arrival = Arrival::default();
        let notify = arrival.and(options.notify);
        let mut socket = PingSocket { socket: ptr::null_mut(), is_v4: family == Family::V4, arrival };
        deliver(|| {
            let mut said = Said::nothing();
            // SAFETY: the stack is alive, the options are filled in, and the library owns the notify from here on.
            let status = unsafe {
                let mut raw: sys::ns_ping_socket_options = zeroed();
                sys::ns_ping_socket_options_init(&mut raw, size_of::<sys::ns_ping_socket_options>());
                raw.nic = nic;
                raw.ttl = options.ttl.unwrap_or(0).into();
                raw.tos = options.tos.into();
                raw.receive_bytes = receive_bytes;
                if let Some(notify) = notify {
                    raw.notify = Some(on_notify);
                    raw.user_data = give::<Notify>(notify);
                    raw.destroy = Some(destroy::<Notify>);
                }
                sys::ns_ping_socket_new(self.raw(), of, &raw, &mut socket.socket, said.out())
            };
            said.result(status).map(|()| socket)
        })
    }
}

impl PingSocket {
    /// Gives the socket its identifier, 0 being a free one, and the address that it is at; `None`: every one.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let socket = stack.ping_socket(netstack::Family::V4)?;
    /// socket.bind(None, 1234)?;
    /// assert_eq!(socket.name()?.1, 1234);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: an address of the other family, or no unicast address. [`Error::NotFound`]: nobody
    /// assigned it. [`Error::Busy`]: another socket has the identifier there, or this one is bound already.
    /// [`Error::Limited`]: no identifier is free. [`Error::Closed`], [`Error::NoMemory`].
    pub fn bind(&self, address: Option<IpAddr>, identifier: u16) -> Result<()> {
        let address = address.map(address::to_sys);
        let address = address.as_ref().map_or(ptr::null(), ptr::from_ref);
        deliver(|| {
            let mut said = Said::nothing();
            // SAFETY: the socket is alive, the address is there for the call or null.
            let status = unsafe { sys::ns_ping_socket_bind(self.socket, address, identifier, said.out()) };
            said.result(status)
        })
    }

    /// Makes a host the socket's peer: it receives from nobody else, at the address of ours that packets to the peer
    /// come from. Binds the socket to a free identifier if it is not bound. May be called again.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let socket = stack.ping_socket(netstack::Family::V4)?;
    /// socket.connect([192, 168, 0, 2])?;
    /// assert_eq!(socket.name()?.0.to_string(), "192.168.0.1");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: another family, or not one host. [`Error::NoRoute`]: no way to it from the socket's
    /// address. [`Error::Busy`], [`Error::Limited`]: as [`bind`](Self::bind). [`Error::Closed`], [`Error::NoMemory`].
    pub fn connect(&self, peer: impl Into<IpAddr>) -> Result<()> {
        let peer = address::to_sys(peer.into());
        deliver(|| {
            let mut said = Said::nothing();
            // SAFETY: the socket is alive, the address is there for the call.
            let status = unsafe { sys::ns_ping_socket_connect(self.socket, &peer, said.out()) };
            said.result(status)
        })
    }

    /// Sends an Echo Request to the peer.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let socket = near.ping_socket(netstack::Family::V4)?;
    /// socket.connect([192, 168, 0, 2])?;
    /// socket.send(1, b"ping")?;
    /// assert_eq!(socket.receive()?.expect("a reply").payload(), b"ping");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: there is no peer. Otherwise as [`send_to`](Self::send_to).
    ///
    /// # Panics
    /// With what a callback beneath it panicked with.
    pub fn send(&self, sequence: u16, payload: &[u8]) -> Result<()> {
        match self.send_raw(ptr::null(), sequence, payload) {
            Err(Error::InvalidArgument(_)) => Err(invalid("the socket has no peer; connect it, or use send_to()")),
            outcome => outcome,
        }
    }

    /// Sends an Echo Request to anybody. Binds the socket to a free identifier if it is not bound. A group is allowed,
    /// and needs a NIC as a link-local address does: the socket's, or that of its address.
    ///
    /// ```
    /// # let (near, _far): (netstack::Stack, netstack::Stack) = include!("doc/pair.rs");
    /// let socket = near.ping_socket(netstack::Family::V4)?;
    /// socket.send_to([192, 168, 0, 2], 1, b"ping")?;
    /// assert_eq!(socket.receive()?.expect("a reply").info().sequence(), 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WouldBlock`]: the link is full. [`Error::NoRoute`]: no way there. [`Error::Unsupported`]: longer than
    /// IP packets can be. [`Error::InvalidArgument`]: of the other family, or a broadcast address. [`Error::Limited`]: no
    /// identifier is free. [`Error::Closed`], [`Error::NoMemory`], or what the link said.
    ///
    /// # Panics
    /// With what a callback beneath it panicked with.
    pub fn send_to(&self, destination: impl Into<IpAddr>, sequence: u16, payload: &[u8]) -> Result<()> {
        let destination = destination.into();
        if destination.is_ipv4() != self.is_v4 {
            return Err(invalid(format!("destination {destination} is of the other family")));
        }
        match self.send_raw(&address::to_sys(destination), sequence, payload) {
            Err(Error::InvalidArgument(_)) => Err(invalid(format!("nobody can be asked at {destination}"))),
            outcome => outcome,
        }
    }

    fn send_raw(&self, destination: *const sys::ns_address, sequence: u16, payload: &[u8]) -> Result<()> {
        // SAFETY: the socket is alive, address and payload are there for the call, or null.
        let status = deliver(|| unsafe {
            sys::ns_ping_socket_send(self.socket, destination, sequence, payload.as_ptr(), payload.len())
        });
        match status {
            sys::NS_ERR_WOULD_BLOCK => Err(Error::WouldBlock),
            sys::NS_ERR_UNSUPPORTED => Err(Error::Unsupported(
                format!("{} bytes of data are more than IP packets can have", payload.len()).into(),
            )),
            status => closed(status),
        }
    }

    /// Takes the oldest Echo Reply out of the queue; `None`: none waits. One that finds the queue full is dropped and
    /// counted as `ping_sockets.queue_full`.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let socket = stack.ping_socket(netstack::Family::V4)?;
    /// assert!(socket.receive()?.is_none());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Closed`]: the stack was dropped.
    pub fn receive(&self) -> Result<Option<Packet>> {
        let mut packet = ptr::null_mut();
        // SAFETY: the socket is alive.
        match deliver(|| unsafe { sys::ns_ping_socket_receive(self.socket, &mut packet) }) {
            sys::NS_ERR_WOULD_BLOCK => Ok(None),
            status => closed(status).map(|()| Packet::own(packet)),
        }
    }

    /// The address and the identifier that the socket is bound to; `0.0.0.0` or `::`, if it is at every address.
    ///
    /// ```
    /// # let (stack, _wire) = include!("doc/stack.rs");
    /// let socket = stack.ping_socket(netstack::Family::V6)?;
    /// assert!(matches!(socket.name(), Err(netstack::Error::NotFound(why)) if why == "the socket is not bound"));
    /// socket.bind(None, 7)?;
    /// assert_eq!(socket.name()?, ("::".parse().expect("an address"), 7));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`]: it is not bound. [`Error::Closed`].
    pub fn name(&self) -> Result<(IpAddr, u16)> {
        let mut identifier = 0;
        // SAFETY: plain numbers, of which 0 is one; the socket is alive.
        let (status, address) = deliver(|| unsafe {
            let mut address: sys::ns_address = zeroed();
            (sys::ns_ping_socket_get_name(self.socket, &mut address, &mut identifier), address)
        });
        if status == sys::NS_ERR_NOT_FOUND {
            return Err(Error::NotFound("the socket is not bound".into()));
        }
        closed(status).map(|()| (address::from_sys(&address), identifier))
    }
}

/// A socket's calls give no sentence.
pub(crate) fn closed(status: sys::ns_status) -> Result<()> {
    if status == sys::NS_ERR_CLOSED {
        return Err(Error::Closed("the socket's stack is closed".into()));
    }
    check(status)
}

impl Drop for PingSocket {
    fn drop(&mut self) {
        // SAFETY: null or a socket that this owns.
        deliver(|| unsafe { sys::ns_ping_socket_free(self.socket) });
    }
}

impl fmt::Debug for PingSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PingSocket").field("name", &self.name().ok()).finish_non_exhaustive()
    }
}
