//! Channels: links in memory.

use std::mem::{size_of, zeroed, MaybeUninit};

use netstack_sys as sys;

use crate::callback::{deliver, destroy, give};
use crate::error::{invalid, Error, Result, Said};
use crate::link::{checked_mtu, is_a_link, Link};
use crate::notify::{on_notify, Notify};
#[cfg(doc)]
use crate::MTU_MAX;

/// A link in memory: what the stack sends waits in a bounded queue for [`read`](Self::read), what it shall receive
/// comes by [`inject`](Link::inject). A packet that finds the queue full is dropped and counted.
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// # let echo_request = include!("doc/echo_request.rs");
/// wire.inject(&echo_request)?;
/// let reply = wire.read().expect("a reply");
/// assert_eq!(reply[12..16], [192, 168, 0, 1]);
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Debug)]
pub struct Channel(Link);
is_a_link!(Channel);

/// Options of [`Channel::with`].
///
/// ```
/// let link = netstack::Channel::with(netstack::ChannelOptions::new().mtu(9000).capacity(16))?;
/// assert_eq!(link.mtu(), 9000);
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct ChannelOptions {
    mtu: Option<u32>,
    capacity: Option<u32>,
    notify: Option<Box<dyn Fn() + Send + Sync>>,
}

impl ChannelOptions {
    /// An MTU of 1500 bytes, room for 256 packets, and nobody to notify.
    ///
    /// ```
    /// assert_eq!(netstack::Channel::with(netstack::ChannelOptions::new())?.mtu(), 1500);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The MTU in bytes, 1 to [`MTU_MAX`].
    ///
    /// ```
    /// assert_eq!(netstack::Channel::with(netstack::ChannelOptions::new().mtu(68))?.mtu(), 68);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn mtu(mut self, bytes: u32) -> Self {
        self.mtu = Some(bytes);
        self
    }

    /// Packets that wait to be read, 1 to 65,536.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let link = netstack::Channel::with(netstack::ChannelOptions::new().capacity(1))?;
    /// stack.add_nic(&link, netstack::NicOptions::new().address("192.168.0.1/24"))?;
    /// for _ in 0..2 {
    ///     link.inject(&echo_request)?;
    /// }
    /// assert_eq!(link.drain().count(), 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn capacity(mut self, packets: u32) -> Self {
        self.capacity = Some(packets);
        self
    }

    /// Called when a channel that was empty has a packet to read, on the thread that sent it; calls may overlap.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// let options = netstack::ChannelOptions::new().notify(move || drop(sender.send("something to read")));
    /// let link = netstack::Channel::with(options)?;
    /// stack.add_nic(&link, netstack::NicOptions::new().address("192.168.0.1/24"))?;
    /// link.inject(&echo_request)?;
    /// assert_eq!(receiver.try_recv(), Ok("something to read"));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn notify(mut self, notify: impl Fn() + Send + Sync + 'static) -> Self {
        self.notify = Some(Box::new(notify));
        self
    }
}

impl Channel {
    /// A channel of packets up to 1500 bytes, 256 of which wait to be read.
    ///
    /// ```
    /// assert!(netstack::Channel::new()?.read().is_none());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub fn new() -> Result<Self> {
        Self::with(ChannelOptions::new())
    }

    /// A channel of packets up to `mtu` bytes.
    ///
    /// ```
    /// assert_eq!(netstack::Channel::with_mtu(1280)?.mtu(), 1280);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: not from 1 to [`MTU_MAX`]. [`Error::NoMemory`].
    pub fn with_mtu(mtu: u32) -> Result<Self> {
        Self::with(ChannelOptions::new().mtu(mtu))
    }

    /// A channel with options.
    ///
    /// ```
    /// let error = netstack::Channel::with(netstack::ChannelOptions::new().capacity(0)).unwrap_err();
    /// assert_eq!(error.to_string(), "a capacity of 0 packets is not from 1 to 65536");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`], [`Error::NoMemory`].
    pub fn with(options: ChannelOptions) -> Result<Self> {
        let mtu = checked_mtu(options.mtu)?;
        if let Some(capacity) = options.capacity {
            if !(1..=65_536).contains(&capacity) {
                return Err(invalid(format!("a capacity of {capacity} packets is not from 1 to 65536")));
            }
        }
        let mut link = Link::nothing()?;
        let mut said = Said::nothing();
        // SAFETY: the options are filled in, and the library owns the notify from here on.
        let status = deliver(|| unsafe {
            let mut raw: sys::ns_link_channel_options = zeroed();
            sys::ns_link_channel_options_init(&raw mut raw, size_of::<sys::ns_link_channel_options>());
            raw.mtu = mtu;
            raw.capacity = options.capacity.unwrap_or(0);
            if let Some(notify) = options.notify {
                raw.notify = Some(on_notify);
                raw.user_data = give::<Notify>(notify);
                raw.destroy = Some(destroy::<Notify>);
            }
            sys::ns_link_channel_new(&raw const raw, &raw mut link.0, said.out())
        });
        said.result(status)?;
        Ok(Self(link))
    }

    /// Takes the oldest packet out of the queue; `None`: none waits.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// assert!(wire.read().is_none());
    /// wire.inject(&echo_request)?;
    /// assert_eq!(wire.read().expect("a reply").len(), echo_request.len());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn read(&self) -> Option<Vec<u8>> {
        // Most packets fit, and then no more is allocated than they need.
        let mut small = [MaybeUninit::uninit(); 2048];
        let mut length = 0;
        let mut status = self.read_raw(&mut small, &mut length);
        if status == sys::NS_OK {
            // SAFETY: so many bytes were written.
            return Some(unsafe { std::slice::from_raw_parts(small.as_ptr().cast(), length) }.to_vec());
        }
        // Meanwhile somebody else may take it, and a longer one is the oldest.
        while status == sys::NS_ERR_TOO_SMALL {
            let mut large = Vec::with_capacity(length);
            status = self.read_raw(large.spare_capacity_mut(), &mut length);
            if status == sys::NS_OK {
                // SAFETY: as above.
                unsafe { large.set_len(length) };
                return Some(large);
            }
        }
        None
    }

    /// Takes the oldest packet out of the queue, without allocating: its length.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let mut buffer = [0; 1500];
    /// wire.inject(&echo_request)?;
    /// assert_eq!(wire.read_into(&mut buffer)?, echo_request.len());
    /// assert!(matches!(wire.read_into(&mut buffer), Err(netstack::Error::WouldBlock)));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WouldBlock`]: none waits. [`Error::InvalidArgument`]: the packet is longer than the buffer, and stays
    /// where it is.
    #[inline]
    pub fn read_into(&self, buffer: &mut [u8]) -> Result<usize> {
        let room = buffer.len();
        // SAFETY: bytes that may be written are all that is made of them.
        let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.as_mut_ptr().cast(), room) };
        let mut length = 0;
        match self.read_raw(buffer, &mut length) {
            sys::NS_OK => Ok(length),
            sys::NS_ERR_WOULD_BLOCK => Err(Error::WouldBlock),
            status => Err(not_read(status, length, room)),
        }
    }

    /// After `NS_OK` the first `length` bytes are there.
    #[inline]
    fn read_raw(&self, buffer: &mut [MaybeUninit<u8>], length: &mut usize) -> sys::ns_status {
        // SAFETY: the link is alive, and so is the buffer. No callback runs beneath this.
        unsafe { sys::ns_link_read(self.0 .0, buffer.as_mut_ptr().cast(), buffer.len(), length) }
    }

    /// Takes every packet out of the queue, the oldest first.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// wire.inject(&echo_request)?;
    /// wire.inject(&echo_request)?;
    /// for packet in wire.drain() {
    ///     assert_eq!(packet.len(), echo_request.len());
    /// }
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn drain(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        std::iter::from_fn(|| self.read())
    }
}

/// Why a packet was not read.
#[cold]
fn not_read(status: sys::ns_status, length: usize, room: usize) -> Error {
    match status {
        sys::NS_ERR_TOO_SMALL => invalid(format!("the packet has {length} bytes, the buffer room for {room}")),
        status => Error::from_status(status),
    }
}
