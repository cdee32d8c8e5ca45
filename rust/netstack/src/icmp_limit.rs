//! How many ICMP messages the stack sends by itself.

use netstack_sys as sys;

use crate::address::Family;
use crate::callback::deliver;
use crate::error::{invalid, Result, Said};
use crate::stack::Stack;
#[cfg(doc)]
use crate::Request;

/// For [`Stack::set_icmp_rate`]: no limit.
///
/// ```
/// netstack::Stack::new()?.set_icmp_rate(netstack::UNLIMITED_ICMP_RATE, 0)?;
/// # Ok::<(), netstack::Error>(())
/// ```
pub const UNLIMITED_ICMP_RATE: u32 = sys::NS_ICMP_RATE_UNLIMITED;

impl Stack {
    /// Sets how many limited ICMP messages the stack sends; [`set_icmp_limited`](Self::set_icmp_limited) says which
    /// are.
    ///
    /// All NICs and both families have one bucket of tokens, at first of 1000 per second and a burst of 50: a message
    /// takes one, and is not sent if there is none, but counted as `icmp.v4.sent.rate_limited` or
    /// `icmp.v6.sent.rate_limited`. `per_second` is how many tokens come in a second, one at a time; 0: none ever.
    /// `burst` is how many the bucket holds, as it does right after this call unless `per_second` is 0; 0: no limited
    /// message is sent.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.set_icmp_limited(netstack::Family::V4, 0, true)?; // not errors alone, but also Echo Replies
    /// stack.set_icmp_rate(5, 1)?;
    /// for _ in 0..3 {
    ///     wire.inject(&echo_request)?;
    /// }
    /// assert!(wire.read().is_some());
    /// assert!(wire.read().is_none());
    /// assert_eq!(stack.counter("icmp.v4.sent.rate_limited")?, 2);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn set_icmp_rate(&self, per_second: u32, burst: u32) -> Result<()> {
        let mut said = Said::nothing();
        // SAFETY: the stack is alive.
        let status = deliver(|| unsafe { sys::ns_stack_set_icmp_rate(self.raw(), per_second, burst, said.out()) });
        said.result(status)
    }

    /// Sets whether ICMP messages of a type each take a token of [`set_icmp_rate`](Self::set_icmp_rate).
    ///
    /// At first errors do, but IPv4's Redirect (5) and IPv6's Packet Too Big (2); Echo Replies do not. IPv4's
    /// Fragmentation Needed (type 3, code 4) never does: path MTU discovery needs it. Nor does what sockets send. `kind` is an error's type, in IPv4 3,
    /// 4, 5, 11 or 12, in IPv6 1 to 127, or an Echo Reply's, in IPv4 0, in IPv6 129; for [`Request::reply`] one that is
    /// not sent counts as accepted.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.set_icmp_rate(0, 0)?;
    /// stack.set_icmp_limited(netstack::Family::V4, 0, true)?;
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_none());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`](crate::Error::InvalidArgument): the family is not one, since each has types of its
    /// own, or `kind` is none of those. [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn set_icmp_limited(&self, family: Family, kind: u8, limited: bool) -> Result<()> {
        if family == Family::Any {
            return Err(invalid("Family::Any: a type is one of IPv4 or of IPv6"));
        }
        let mut said = Said::nothing();
        // SAFETY: the stack is alive.
        let status = deliver(|| unsafe {
            sys::ns_stack_set_icmp_limited(self.raw(), family.to_sys(), kind.into(), limited.into(), said.out())
        });
        said.result(status)
    }
}
