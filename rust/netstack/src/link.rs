//! Links: how packets enter and leave a stack.

use std::{fmt, ptr};

use netstack_sys as sys;

use crate::callback::deliver;
use crate::error::{invalid, Error, Result};
use crate::trace::span;
use crate::version::check_version;
#[cfg(doc)]
use crate::{CallbackLink, Channel, FdLink, Tun};

/// The largest MTU of any link, in bytes.
///
/// ```
/// assert_eq!(netstack::Channel::with_mtu(netstack::MTU_MAX)?.mtu(), netstack::MTU_MAX);
/// # Ok::<(), netstack::Error>(())
/// ```
pub const MTU_MAX: u32 = sys::NS_MTU_MAX;

/// A way in and out for packets: what a [`Tun`], [`Channel`], [`FdLink`] or [`CallbackLink`] is for a NIC. It moves
/// whole IP packets, from the IP header on. One link belongs to at most one NIC at a time, which goes on with it
/// when the link is dropped here.
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// fn describe(link: &netstack::Link) -> String {
///     format!("packets of up to {} bytes", link.mtu())
/// }
/// assert_eq!(describe(&wire), "packets of up to 1500 bytes");
/// # Ok::<(), netstack::Error>(())
/// ```
pub struct Link(pub(crate) *mut sys::ns_link);

// SAFETY: the library lets any thread use a link.
unsafe impl Send for Link {}
// SAFETY: as above.
unsafe impl Sync for Link {}

/// What became of an injected packet.
///
/// ```
/// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
/// # let echo_request = include!("doc/echo_request.rs");
/// use netstack::{Injected, NicOptions};
///
/// stack.add_nic(&wire, NicOptions::new().side_by_side())?;
/// match wire.inject(&echo_request)? {
///     Injected::Taken => println!("answered, or dropped and counted"),
///     Injected::Unclaimed => println!("for the other stack"),
/// }
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Injected {
    /// It was dealt with, be it by dropping and counting it.
    Taken,
    /// Side by side, and nothing here takes it: it is for the other stack, untouched.
    Unclaimed,
}

impl Link {
    /// The place for one that the library makes.
    pub(crate) fn nothing() -> Result<Self> {
        check_version()?;
        Ok(Self(ptr::null_mut()))
    }

    pub(crate) fn raw(&self) -> *mut sys::ns_link {
        self.0
    }

    /// Gives the stack a packet as if it had come in on this link. Handlers run, and answers are sent, before it
    /// returns. Inside a handler the packet is handled at once, nested up to 8 deep.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_some());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Closed`]: no NIC has this link. [`Error::Busy`]: nested too deep. [`Error::NoMemory`].
    ///
    /// # Panics
    /// With what a handler beneath it panicked with.
    #[inline]
    pub fn inject(&self, packet: &[u8]) -> Result<Injected> {
        span!("inject", bytes = packet.len());
        // SAFETY: the link is alive, and so are the bytes.
        match deliver(|| unsafe { sys::ns_link_inject(self.0, packet.as_ptr(), packet.len()) }) {
            sys::NS_OK => Ok(Injected::Taken),
            sys::NS_UNCLAIMED => Ok(Injected::Unclaimed),
            status => Err(refused(status)),
        }
    }

    /// The largest packet, in bytes.
    ///
    /// ```
    /// assert_eq!(netstack::Channel::new()?.mtu(), 1500);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn mtu(&self) -> u32 {
        // SAFETY: the link is alive.
        unsafe { sys::ns_link_get_mtu(self.0) }
    }
}

/// Why a packet was not injected.
#[cold]
fn refused(status: sys::ns_status) -> Error {
    match status {
        sys::NS_ERR_CLOSED => Error::Closed("no NIC has this link".into()),
        status => Error::from_status(status),
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // SAFETY: null or a link that this owns a reference of.
        deliver(|| unsafe { sys::ns_link_free(self.0) });
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("mtu", &self.mtu()).finish_non_exhaustive()
    }
}

/// What a link of any kind is to those who take one.
macro_rules! is_a_link {
    ($name:ident) => {
        impl AsRef<Link> for $name {
            fn as_ref(&self) -> &Link {
                &self.0
            }
        }

        impl std::ops::Deref for $name {
            type Target = Link;

            fn deref(&self) -> &Link {
                &self.0
            }
        }
    };
}
pub(crate) use is_a_link;

pub(crate) fn checked_mtu(mtu: Option<u32>) -> Result<u32> {
    match mtu {
        Some(mtu) if !(1..=MTU_MAX).contains(&mtu) => {
            Err(invalid(format!("an MTU of {mtu} bytes is not from 1 to {MTU_MAX}")))
        }
        mtu => Ok(mtu.unwrap_or(0)),
    }
}
