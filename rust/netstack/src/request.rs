//! Requests: what a handler gets, and what it may do with it.

use std::cell::{Cell, UnsafeCell};
use std::fmt;
use std::marker::PhantomData;
use std::mem::{size_of, MaybeUninit};
use std::ptr;

use netstack_sys as sys;

use crate::error::{check, Error, Result};
use crate::packet::{Packet, PacketInfo};

/// Who owns a request, and so decides what else happens with it.
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// # let echo_request = include!("doc/echo_request.rs");
/// use netstack::Verdict;
///
/// stack.on_echo(|request| if request.ttl() > 1 { Verdict::Declined } else { Verdict::Consumed })?;
/// wire.inject(&echo_request)?;
/// assert!(wire.read().is_some());
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum Verdict {
    /// The stack goes on as if there were no handler, but sends no second reply.
    Declined,
    /// The handler owns the packet; the stack does nothing more.
    Consumed,
}

/// Whether the handler owns the packet: with what [`Request::reply`] returns, to own what was answered is one expression.
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// # let echo_request = include!("doc/echo_request.rs");
/// use netstack::Verdict;
///
/// stack.on_echo(|request| Verdict::from(request.ttl() > 1 && request.reply().is_ok()))?;
/// wire.inject(&echo_request)?;
/// assert_eq!(stack.counter("forwarder.consumed")?, 1);
/// # Ok::<(), netstack::Error>(())
/// ```
impl From<bool> for Verdict {
    fn from(owned: bool) -> Self {
        if owned {
            Self::Consumed
        } else {
            Self::Declined
        }
    }
}

/// One packet on its way through a handler: an Echo Request, or an Echo Reply for handlers that asked for them.
///
/// It is the handler's for the time of the call: it can't be kept, nor sent to another thread, nor can the
/// bytes that it lends. What may be kept is a copy: [`info`](Self::info), [`keep`](Self::keep).
///
/// ```compile_fail,E0277
/// # let stack = netstack::Stack::new().unwrap();
/// let kept = std::sync::Mutex::new(None);
/// stack.on_echo(move |request| {
///     *kept.lock().unwrap() = Some(request);
///     netstack::Verdict::Declined
/// });
/// ```
pub struct Request<'cb> {
    id: sys::ns_request,
    // Initialised where `known`. C writes it in its place, since copies are much of what looking at it costs.
    info: UnsafeCell<MaybeUninit<PacketInfo>>,
    known: Cell<bool>,
    // Neither Send nor Sync, and of no other lifetime.
    marker: PhantomData<*mut &'cb mut ()>,
}

impl Request<'_> {
    #[inline]
    pub(crate) fn new(id: sys::ns_request) -> Self {
        Self { id, info: UnsafeCell::new(MaybeUninit::uninit()), known: Cell::new(false), marker: PhantomData }
    }

    /// Asks for the stack's own Echo Reply, which leaves before this returns: with the TOS, identifier,
    /// sequence number and data of the request, from the address that was asked, also if nobody assigned it;
    /// for a broadcast or multicast request from one of the NIC's own.
    ///
    /// It says nothing about who owns the request: that is the [`Verdict`]. One reply is sent however often it
    /// is called, and later calls return what the first one did. `Ok` means accepted, though a full link may
    /// still drop the reply.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.on_echo(|request| {
    ///     if let Err(error) = request.reply() {
    ///         eprintln!("{} gets no answer: {error}", request.source());
    ///     }
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// # assert_eq!(stack.counter("forwarder.consumed")?, 1);
    /// assert_eq!(wire.drain().count(), 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoRoute`], [`Error::NotReplyable`]; [`Error::Expired`], which only `unsafe` code can bring about.
    #[inline]
    pub fn reply(&mut self) -> Result<()> {
        // SAFETY: any number will do.
        check(unsafe { sys::ns_request_reply(self.id) })
    }

    /// What there is to know of the packet, to read or to copy.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.on_echo(|request| {
    ///     let info: netstack::PacketInfo = *request.info();
    ///     assert_eq!(info.sequence(), 1);
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// # assert_eq!(stack.counter("forwarder.consumed")?, 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn info(&self) -> &PacketInfo {
        if !self.known.get() {
            self.ask();
        }
        // SAFETY: it is initialised, and nothing writes to it any more.
        unsafe { (*self.info.get()).assume_init_ref() }
    }

    fn ask(&self) {
        // SAFETY: nobody has a reference into it before it is known. C writes all of it or, for an expired request,
        // nothing; it is plain numbers, of which 0 is one.
        unsafe {
            let info = &raw mut (*(*self.info.get()).as_mut_ptr()).0;
            if sys::ns_request_get_info(self.id, info, size_of::<sys::ns_packet_info>()) != sys::NS_OK {
                info.write_bytes(0, 1);
            }
        }
        self.known.set(true);
    }

    /// The packet's bytes, from the IP header on.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.on_echo(|request| {
    ///     assert_eq!(request.packet()[0], 0x45);
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// # assert_eq!(stack.counter("forwarder.consumed")?, 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn packet(&self) -> &[u8] {
        let mut bytes = ptr::null();
        let mut length = 0;
        // SAFETY: the bytes are there until the callback returns, which this does not outlive.
        unsafe {
            if sys::ns_request_borrow_packet(self.id, &raw mut bytes, &raw mut length) != sys::NS_OK || bytes.is_null()
            {
                return &[];
            }
            std::slice::from_raw_parts(bytes, length)
        }
    }

    /// The echo data.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.on_echo(|request| {
    ///     assert_eq!(request.payload(), b"ping");
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// # assert_eq!(stack.counter("forwarder.consumed")?, 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.packet().get(self.info().0.payload_offset as usize..).unwrap_or_default()
    }

    /// Keeps a copy of the packet beyond the handler. It carries no right to answer.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// stack.on_echo(move |request| {
    ///     let _ = request.keep().map(|packet| sender.send(packet));
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// assert_eq!(receiver.try_recv().expect("it was kept").as_ref(), echo_request);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoMemory`]; [`Error::Expired`], which only `unsafe` code can bring about.
    pub fn keep(&self) -> Result<Packet> {
        let mut packet = ptr::null_mut();
        // SAFETY: any number will do.
        check(unsafe { sys::ns_request_ref_packet(self.id, &raw mut packet) })?;
        Packet::own(packet).ok_or(Error::NoMemory)
    }

    /// The value that C knows the request by, for functions of [`netstack_sys`].
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.on_echo(|request| {
    ///     assert_ne!(request.as_raw(), 0);
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// # assert_eq!(stack.counter("forwarder.consumed")?, 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn as_raw(&self) -> sys::ns_request {
        self.id
    }
}

/// A request is asked like the packet that it is.
impl std::ops::Deref for Request<'_> {
    type Target = PacketInfo;

    #[inline]
    fn deref(&self) -> &PacketInfo {
        self.info()
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Request").field(self.info()).finish()
    }
}
