//! Links out of one's own way to send.

use std::ffi::c_void;
use std::mem::{size_of, zeroed};
use std::slice;

use netstack_sys as sys;

use crate::callback::{borrow, deliver, destroy, give, guard};
use crate::error::{Result, Said};
use crate::link::{checked_mtu, is_a_link, Link};
#[cfg(doc)]
use crate::Error;

/// A link out of one's own way to send; what the stack shall receive comes by [`inject`](Link::inject).
///
/// ```
/// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
/// # let echo_request = include!("doc/echo_request.rs");
/// let (sender, receiver) = std::sync::mpsc::channel();
/// let link = netstack::CallbackLink::new(None, move |packet| {
///     sender.send(packet.to_vec()).map_err(|_| netstack::Error::WouldBlock)
/// })?;
/// stack.add_nic(&link, netstack::NicOptions::new().address("192.168.0.1/24"))?;
/// link.inject(&echo_request)?;
/// assert_eq!(receiver.try_recv().map(|packet| packet.len()), Ok(echo_request.len()));
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Debug)]
pub struct CallbackLink(Link);
is_a_link!(CallbackLink);

unsafe extern "C" fn on_transmit<F>(user_data: *mut c_void, packet: *const u8, length: usize) -> sys::ns_status
where
    F: Fn(&[u8]) -> Result<()>,
{
    guard(sys::NS_ERR_INTERNAL, || {
        // SAFETY: CallbackLink::new() gave an F; the bytes are there for the call.
        let (transmit, packet) = unsafe { (borrow::<F>(user_data), slice::from_raw_parts(packet, length)) };
        transmit(packet).map_or_else(|error| error.status(), |()| sys::NS_OK)
    })
}

impl CallbackLink {
    /// Makes a link of packets up to `mtu` bytes; `None`: 1500. `transmit` sends a packet, on any thread; calls may
    /// overlap. A packet whose `transmit` fails is counted as not sent, with [`Error::WouldBlock`] for want of room.
    ///
    /// ```
    /// let link = netstack::CallbackLink::new(Some(1280), |packet| {
    ///     println!("{} bytes", packet.len());
    ///     Ok(())
    /// })?;
    /// assert_eq!(link.mtu(), 1280);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`], [`Error::NoMemory`].
    pub fn new<F>(mtu: Option<u32>, transmit: F) -> Result<Self>
    where
        F: Fn(&[u8]) -> Result<()> + Send + Sync + 'static,
    {
        let mtu = checked_mtu(mtu)?;
        let mut link = Link::nothing()?;
        let mut said = Said::nothing();
        // SAFETY: the options are filled in, and the library owns the closure from here on.
        let status = deliver(|| unsafe {
            let mut raw: sys::ns_link_callback_options = zeroed();
            sys::ns_link_callback_options_init(&raw mut raw, size_of::<sys::ns_link_callback_options>());
            raw.mtu = mtu;
            sys::ns_link_callback_new(
                &raw const raw,
                Some(on_transmit::<F>),
                give(transmit),
                Some(destroy::<F>),
                &raw mut link.0,
                said.out(),
            )
        });
        said.result(status)?;
        Ok(Self(link))
    }
}
