//! Routes: by which NIC packets leave.

use std::mem::zeroed;
use std::net::IpAddr;

use netstack_sys as sys;

use crate::address::{self, Prefix};
use crate::callback::deliver;
use crate::error::{Result, Said};
use crate::stack::Stack;

/// One way to a network. Of all that match a packet, the one with the longest prefix wins. An answer whose way back no
/// route tells leaves by the NIC that the request came in on, unless the stack has
/// [`strict_routes`](crate::StackOptions::strict_routes).
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// let route = netstack::Route {
///     destination: "10.0.0.0/8".parse()?,
///     gateway: Some([192, 168, 0, 254].into()),
///     nic: 1,
/// };
/// stack.add_routes(&[route])?;
///
/// let socket = stack.ping_socket(netstack::Family::V4)?;
/// socket.send_to([10, 1, 2, 3], 1, b"")?;
/// assert!(wire.read().is_some());
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The network; no bits set behind the length.
    pub destination: Prefix,
    /// The next hop, of the same family; `None`: destinations are on the link.
    pub gateway: Option<IpAddr>,
    /// The number of the NIC to leave by.
    pub nic: u32,
}

fn to_sys(routes: &[Route]) -> Vec<sys::ns_route> {
    let one = |route: &Route| sys::ns_route {
        destination: route.destination.to_sys(),
        // SAFETY: plain numbers; all 0 is no gateway.
        gateway: route.gateway.map_or(unsafe { zeroed() }, address::to_sys),
        nic: route.nic,
    };
    routes.iter().map(one).collect()
}

impl Stack {
    /// Adds routes, all or none. The network of an assigned address has a route already.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let default = netstack::Route { destination: "::/0".parse()?, gateway: None, nic: 1 };
    /// stack.add_routes(&[default])?;
    /// assert!(matches!(stack.add_routes(&[default]), Err(netstack::Error::Busy(_))));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument); [`Error::NotFound`](crate::Error::NotFound): no such
    /// NIC; [`Error::Busy`](crate::Error::Busy): one was added already; [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn add_routes(&self, routes: &[Route]) -> Result<()> {
        let raw = to_sys(routes);
        let mut said = Said::nothing();
        // SAFETY: the stack is alive, the array is there for the call.
        let status = deliver(|| unsafe { sys::ns_stack_add_routes(self.raw(), raw.as_ptr(), raw.len(), said.out()) });
        said.result(status)
    }

    /// Removes routes that were added, all or none.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let default = netstack::Route { destination: "0.0.0.0/0".parse()?, gateway: None, nic: 1 };
    /// stack.add_routes(&[default])?;
    /// stack.remove_routes(&[default])?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound): one was not. [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn remove_routes(&self, routes: &[Route]) -> Result<()> {
        let raw = to_sys(routes);
        let mut said = Said::nothing();
        // SAFETY: as above.
        let status =
            deliver(|| unsafe { sys::ns_stack_remove_routes(self.raw(), raw.as_ptr(), raw.len(), said.out()) });
        said.result(status)
    }
}
