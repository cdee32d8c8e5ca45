//! Links over open descriptors.

use std::mem::{size_of, zeroed};
use std::os::fd::{AsFd, AsRawFd};

use netstack_sys as sys;

use crate::callback::deliver;
use crate::error::{Result, Said};
use crate::link::{checked_mtu, is_a_link, Link};
#[cfg(doc)]
use crate::Error;

/// What stands before each IP packet on a descriptor.
///
/// ```
/// use netstack::{FdLink, PacketInformation};
///
/// let (ours, _peer) = std::os::unix::net::UnixDatagram::pair()?;
/// let link = FdLink::new(&ours, Some(1400), PacketInformation::Utun)?;
/// assert_eq!(link.mtu(), 1400);
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PacketInformation {
    /// Nothing: Android's `VpnService`, Linux with `IFF_NO_PI`.
    #[default]
    None,
    /// 2 bytes of flags, 2 bytes of `EtherType`: a Linux TUN.
    Linux,
    /// 4 bytes of address family: utun.
    Utun,
}

/// A link over an open descriptor that keeps packets apart: a TUN device, a datagram or sequenced-packet socket.
///
/// ```
/// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
/// # let echo_request = include!("doc/echo_request.rs");
/// use std::os::unix::net::UnixDatagram;
///
/// use netstack::{FdLink, PacketInformation};
///
/// let (ours, peer) = UnixDatagram::pair()?;
/// let link = FdLink::new(&ours, None, PacketInformation::None)?;
/// stack.add_nic(&link, netstack::NicOptions::new().address("192.168.0.1/24"))?;
/// peer.send(&echo_request)?;
/// stack.poll()?;
/// assert_eq!(peer.recv(&mut [0; 1500])?, echo_request.len());
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Debug)]
pub struct FdLink(Link);
is_a_link!(FdLink);

impl FdLink {
    /// Makes a link of packets up to `mtu` bytes; `None`: 1500. It works on a duplicate of the descriptor: the caller
    /// keeps its own and may close it. It is made non-blocking, which the caller's shares.
    ///
    /// ```
    /// use netstack::{FdLink, PacketInformation};
    ///
    /// let (stream, _peer) = std::os::unix::net::UnixStream::pair()?;
    /// let error = FdLink::new(&stream, None, PacketInformation::None).unwrap_err();
    /// assert!(matches!(error, netstack::Error::InvalidArgument(_)), "it keeps no packets apart");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`], such as for a stream socket; [`Error::Unsupported`]; [`Error::NoMemory`].
    pub fn new(descriptor: impl AsFd, mtu: Option<u32>, information: PacketInformation) -> Result<Self> {
        let mtu = checked_mtu(mtu)?;
        let mut link = Link::nothing()?;
        let mut said = Said::nothing();
        // SAFETY: the options are filled in, and the descriptor is open.
        let status = deliver(|| unsafe {
            let mut raw: sys::ns_link_fd_options = zeroed();
            sys::ns_link_fd_options_init(&raw mut raw, size_of::<sys::ns_link_fd_options>());
            raw.mtu = mtu;
            raw.packet_information = match information {
                PacketInformation::None => sys::NS_PACKET_INFORMATION_NONE,
                PacketInformation::Linux => sys::NS_PACKET_INFORMATION_LINUX,
                PacketInformation::Utun => sys::NS_PACKET_INFORMATION_UTUN,
            };
            sys::ns_link_fd_new(descriptor.as_fd().as_raw_fd(), &raw const raw, &raw mut link.0, said.out())
        });
        said.result(status)?;
        Ok(Self(link))
    }
}
