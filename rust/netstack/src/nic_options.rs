//! What a NIC is made with.

use netstack_sys as sys;

use crate::address::{Family, Prefix, ToPrefix};
use crate::error::Error;
#[cfg(doc)]
use crate::{Link, Nic, Stack};

/// Options of [`Stack::add_nic`].
///
/// ```
/// # let (stack, tun) = (netstack::Stack::new()?, netstack::Channel::new()?);
/// use netstack::NicOptions;
///
/// stack.add_nic(tun, NicOptions::new().id(7).address("192.168.0.1/24").local_prefix("10.7.0.0/16"))?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct NicOptions {
    pub(crate) id: Option<u32>,
    pub(crate) flags: u32,
    pub(crate) addresses: Vec<Prefix>,
    pub(crate) prefixes: Vec<Prefix>,
    pub(crate) error: Option<Error>,
}

impl NicOptions {
    /// The lowest number that is free, and nothing else.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// assert_eq!(stack.add_nic(&wire, netstack::NicOptions::new())?.id(), 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// The NIC's number, from 1 on.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// assert_eq!(stack.add_nic(&wire, netstack::NicOptions::new().id(7))?.id(), 7);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn id(mut self, id: u32) -> Self {
        self.id = Some(id);
        self
    }

    /// Assigns an address with the prefix of its subnet, as [`Nic::add_addresses`]; one without a length is a subnet of
    /// its own. May be repeated.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.add_nic(&wire, netstack::NicOptions::new().address("192.168.0.1/24"))?;
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_some());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn address(mut self, address: impl ToPrefix) -> Self {
        match address.to_subnet() {
            Ok(prefix) => self.addresses.push(prefix),
            Err(error) => self.error = self.error.or(Some(error)),
        }
        self
    }

    /// Makes every unicast address of a prefix ours, as [`Nic::add_local_prefixes`]. May be repeated.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.add_nic(&wire, netstack::NicOptions::new().local_prefix("192.168.0.0/16"))?;
    /// stack.on_echo(|request| {
    ///     let _ = request.reply();
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_some());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn local_prefix(mut self, prefix: impl ToPrefix) -> Self {
        match prefix.to_prefix() {
            Ok(prefix) => self.prefixes.push(prefix),
            Err(error) => self.error = self.error.or(Some(error)),
        }
        self
    }

    /// Takes no packets, until [`Nic::set_disabled`].
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.add_nic(&wire, netstack::NicOptions::new().address("192.168.0.1/24").disabled())?;
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_none());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn disabled(mut self) -> Self {
        self.flags |= sys::NS_NIC_DISABLED;
        self
    }

    /// Takes packets for every unicast address.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.add_nic(&wire, netstack::NicOptions::new().promiscuous())?;
    /// stack.on_echo(|request| {
    ///     assert!(request.is_temporary());
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// assert_eq!(stack.counter("forwarder.consumed")?, 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn promiscuous(mut self) -> Self {
        self.flags |= sys::NS_NIC_PROMISCUOUS;
        self
    }

    /// The stack answers by itself from IPv6 addresses that nobody assigned.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// stack.add_nic(&wire, netstack::NicOptions::new().promiscuous().spoofing())?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn spoofing(mut self) -> Self {
        self.flags |= sys::NS_NIC_SPOOFING;
        self
    }

    /// Another stack stands behind this one: [`Link::inject`] returns
    /// [`Injected::Unclaimed`](crate::Injected::Unclaimed) for every packet that nothing here takes.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.add_nic(&wire, netstack::NicOptions::new().side_by_side())?;
    /// assert_eq!(wire.inject(&echo_request)?, netstack::Injected::Unclaimed);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn side_by_side(mut self) -> Self {
        self.flags |= sys::NS_NIC_SIDE_BY_SIDE;
        self
    }

    /// Packets of a family that come in and are not ours go on, by the routes of the stack: over any NIC that is not
    /// disabled, with one hop less. No handler sees them. What can't go on is answered with an ICMP error, if the NIC
    /// has an address to send it from. If the NIC is promiscuous every address is ours, so nothing goes on.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let inside = netstack::Channel::new()?;
    /// stack.add_nic(&wire, netstack::NicOptions::new().forwarding(netstack::Family::Any))?;
    /// stack.add_nic(&inside, netstack::NicOptions::new().address("192.168.0.2/24"))?;
    /// wire.inject(&echo_request)?;
    /// let sent = inside.read().expect("it went on");
    /// assert_eq!(sent[8], echo_request[8] - 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn forwarding(mut self, family: Family) -> Self {
        self.flags |= forwarding_bits(family);
        self
    }
}

pub(crate) fn forwarding_bits(family: Family) -> u32 {
    match family {
        Family::Any => sys::NS_NIC_FORWARDING_IPV4 | sys::NS_NIC_FORWARDING_IPV6,
        Family::V4 => sys::NS_NIC_FORWARDING_IPV4,
        Family::V6 => sys::NS_NIC_FORWARDING_IPV6,
    }
}
