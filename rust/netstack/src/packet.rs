//! Packets: what one was, and a copy of it to keep.

use std::fmt;
use std::mem::{size_of, zeroed};
use std::net::IpAddr;
use std::ptr;

use netstack_sys as sys;

use crate::address;

/// What there is to know of an ICMP packet. A plain copy: valid for ever.
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// # let echo_request = include!("doc/echo_request.rs");
/// let (sender, receiver) = std::sync::mpsc::channel();
/// stack.on_echo(move |request| {
///     let _ = sender.send(*request.info());
///     netstack::Verdict::Declined
/// })?;
/// wire.inject(&echo_request)?;
/// let info = receiver.try_recv().expect("it was sent");
/// assert_eq!((info.identifier(), info.sequence()), (7, 1));
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct PacketInfo(pub(crate) sys::ns_packet_info);

impl PacketInfo {
    /// Where the packet came from.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.info().source(), std::net::IpAddr::from([192, 168, 0, 2]));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn source(&self) -> IpAddr {
        address::from_sys(&self.0.source)
    }

    /// Where the packet went to.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.info().destination(), std::net::IpAddr::from([192, 168, 0, 1]));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn destination(&self) -> IpAddr {
        address::from_sys(&self.0.destination)
    }

    /// The id of the NIC that it came in on; a link-local address is meant on its link.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.info().nic(), 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn nic(&self) -> u32 {
        self.0.nic
    }

    /// The echo's identifier.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.info().identifier(), 7);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn identifier(&self) -> u16 {
        self.0.identifier
    }

    /// The echo's sequence number.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.info().sequence(), 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn sequence(&self) -> u16 {
        self.0.sequence
    }

    /// ICMP type: 8 or 128 for an Echo Request, 0 or 129 for an Echo Reply.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.info().icmp_type(), 8);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn icmp_type(&self) -> u8 {
        self.0.type_
    }

    /// ICMP code, as it came.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.info().code(), 0);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn code(&self) -> u8 {
        self.0.code
    }

    /// TTL or Hop Limit, as it came.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.info().ttl(), 64);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn ttl(&self) -> u8 {
        self.0.ttl
    }

    /// TOS or Traffic Class, as it came.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.info().tos(), 0);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn tos(&self) -> u8 {
        self.0.tos
    }

    /// Bytes of the whole packet, from the IP header on.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.info().length(), 20 + 8 + 4);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.length as usize
    }

    /// Where the ICMP message begins in the packet, in bytes: behind the IP header with its options or extension headers.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// let message = &packet.as_ref()[packet.info().icmp_offset()..];
    /// assert_eq!(message[0], packet.info().icmp_type());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn icmp_offset(&self) -> usize {
        self.0.icmp_offset as usize
    }

    /// Nobody assigned the destination: the NIC is promiscuous, or a local prefix covers it.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.add_nic(&wire, netstack::NicOptions::new().local_prefix("192.168.0.0/16"))?;
    /// stack.on_echo(|request| {
    ///     assert!(request.is_temporary());
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.0.flags & sys::NS_PACKET_TEMPORARY != 0
    }

    /// The destination is the limited broadcast address, or a subnet's.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert!(!packet.info().is_broadcast());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn is_broadcast(&self) -> bool {
        self.0.flags & sys::NS_PACKET_BROADCAST != 0
    }

    /// The destination is a group that the NIC has joined.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert!(!packet.info().is_multicast());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn is_multicast(&self) -> bool {
        self.0.flags & sys::NS_PACKET_MULTICAST != 0
    }

    /// The ICMP checksum is wrong. Only raw sockets see such packets.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert!(!packet.info().has_bad_checksum());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn has_bad_checksum(&self) -> bool {
        self.0.flags & sys::NS_PACKET_BAD_CHECKSUM != 0
    }
}

impl fmt::Debug for PacketInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketInfo")
            .field("source", &self.source())
            .field("destination", &self.destination())
            .field("nic", &self.nic())
            .field("icmp_type", &self.icmp_type())
            .field("identifier", &self.identifier())
            .field("sequence", &self.sequence())
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}

/// A packet that is kept: shared by count, read-only, and without any right to answer. Its bytes are those from
/// the IP header on.
///
/// ```
/// # let packet = include!("doc/packet.rs");
/// # let echo_request = include!("doc/echo_request.rs");
/// let copy = packet.clone();
/// std::thread::spawn(move || assert_eq!(copy.payload(), b"ping")).join().expect("no panic");
/// assert_eq!(packet.as_ref(), echo_request);
/// # Ok::<(), netstack::Error>(())
/// ```
pub struct Packet {
    packet: ptr::NonNull<sys::ns_packet>,
    info: PacketInfo,
}

// SAFETY: a packet never changes, and its count is atomic.
unsafe impl Send for Packet {}
// SAFETY: as above.
unsafe impl Sync for Packet {}

impl Packet {
    /// Owns what the library gave; `None` for null.
    pub(crate) fn own(packet: *mut sys::ns_packet) -> Option<Self> {
        let packet = ptr::NonNull::new(packet)?;
        // SAFETY: plain numbers, of which 0 is one; the packet is alive.
        let info = unsafe {
            let mut info: sys::ns_packet_info = zeroed();
            sys::ns_packet_get_info(packet.as_ptr(), &raw mut info, size_of::<sys::ns_packet_info>());
            PacketInfo(info)
        };
        Some(Self { packet, info })
    }

    /// What there is to know of it.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// println!("{:?}", packet.info());
    /// assert_eq!(packet.info().icmp_type(), 8);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn info(&self) -> &PacketInfo {
        &self.info
    }

    /// The echo data.
    ///
    /// ```
    /// # let packet = include!("doc/packet.rs");
    /// assert_eq!(packet.payload(), b"ping");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.as_ref().get(self.info.0.payload_offset as usize..).unwrap_or_default()
    }
}

impl AsRef<[u8]> for Packet {
    fn as_ref(&self) -> &[u8] {
        let mut bytes = ptr::null();
        let mut length = 0;
        // SAFETY: the packet is alive as long as this is, and so are its bytes.
        unsafe {
            if sys::ns_packet_borrow_bytes(self.packet.as_ptr(), &raw mut bytes, &raw mut length) != sys::NS_OK
                || bytes.is_null()
            {
                return &[];
            }
            std::slice::from_raw_parts(bytes, length)
        }
    }
}

impl Clone for Packet {
    fn clone(&self) -> Self {
        // SAFETY: the packet is alive.
        unsafe { sys::ns_packet_ref(self.packet.as_ptr()) };
        Self { ..*self }
    }
}

impl Drop for Packet {
    fn drop(&mut self) {
        // SAFETY: this owns one count.
        unsafe { sys::ns_packet_unref(self.packet.as_ptr()) }
    }
}

impl fmt::Debug for Packet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Packet").field(&self.info).finish()
    }
}
