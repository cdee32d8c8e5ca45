//! NICs: a link's place in a stack, with the addresses, local prefixes and groups that it takes packets for.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::mem::{size_of, zeroed};
use std::net::IpAddr;
use std::sync::{MutexGuard, PoisonError};

use netstack_sys as sys;

use crate::address::{self, Family, Prefix};
use crate::callback::deliver_locking;
use crate::error::{invalid, Error, Result, Said};
use crate::link::Link;
use crate::nic_options::NicOptions;
use crate::stack::Stack;
use crate::trace::event;

/// One NIC of a stack. Each change is made whole or not at all, and packets go on meanwhile; removing something never
/// waits for a handler. Every method is [`Error::NotFound`] once the NIC was removed.
///
/// ```
/// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
/// let nic = stack.add_nic(&wire, netstack::NicOptions::new())?;
/// nic.add_addresses(&["192.168.0.1/24".parse()?])?;
/// nic.remove()?;
/// assert_eq!(nic.set_disabled(true).unwrap_err().to_string(), "NIC 1 was removed");
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Nic<'stack> {
    stack: &'stack Stack,
    id: u32,
    serial: u64,
}

/// Which NICs a stack has: a later one of the same number is another.
#[derive(Debug, Default)]
pub(crate) struct Nics {
    serials: BTreeMap<u32, u64>,
    last: u64,
}

fn to_sys(prefixes: &[Prefix]) -> Vec<sys::ns_prefix> {
    prefixes.iter().map(|prefix| prefix.to_sys()).collect()
}

impl Stack {
    /// Adds a NIC. It is a member of 224.0.0.1 and `ff02::1`. A link that is lent, as here, can be used again if this
    /// fails; one that is given is dropped.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// stack.add_nic(&wire, netstack::NicOptions::new())?;
    /// let error = stack.add_nic(&wire, netstack::NicOptions::new()).unwrap_err();
    /// assert!(matches!(error, netstack::Error::Busy(_)), "a link has one NIC");
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]; [`Error::Busy`]: the number, the link or an address is in use; [`Error::NoMemory`].
    pub fn add_nic(&self, link: impl AsRef<Link>, options: NicOptions) -> Result<Nic<'_>> {
        if let Some(error) = options.error {
            return Err(error);
        }
        let addresses = to_sys(&options.addresses);
        let prefixes = to_sys(&options.prefixes);
        let link = link.as_ref();
        let nic = deliver_locking(|| {
            let mut nics = self.lock_nics();
            let id = match options.id {
                Some(0) => return Err(invalid("0 is no NIC: they are numbered from 1 on")),
                Some(id) => id,
                None => (1..=u32::MAX).find(|id| !nics.serials.contains_key(id)).unwrap_or(u32::MAX),
            };
            let mut said = Said::nothing();
            // SAFETY: stack and link are alive, the options are filled in, the arrays are there for the call.
            let status = unsafe {
                let mut raw: sys::ns_nic_options = zeroed();
                sys::ns_nic_options_init(&raw mut raw, size_of::<sys::ns_nic_options>());
                raw.flags = options.flags;
                raw.addresses = addresses.as_ptr();
                raw.address_count = addresses.len();
                raw.local_prefixes = prefixes.as_ptr();
                raw.local_prefix_count = prefixes.len();
                sys::ns_stack_add_nic(self.raw(), id, link.raw(), &raw const raw, said.out())
            };
            said.result(status)?;
            nics.last += 1;
            let serial = nics.last;
            nics.serials.insert(id, serial);
            Ok(Nic { stack: self, id, serial })
        })?;
        event!(DEBUG, nic = nic.id, "NIC added");
        Ok(nic)
    }

    /// The NIC of a number; `None`: there is none.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// assert_eq!(stack.nic(1).map(|nic| nic.id()), Some(1));
    /// assert!(stack.nic(2).is_none());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn nic(&self, id: u32) -> Option<Nic<'_>> {
        let serial = *self.lock_nics().serials.get(&id)?;
        Some(Nic { stack: self, id, serial })
    }

    /// The NICs that there are, by their numbers.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// for nic in stack.nics() {
    ///     println!("{} {:?}", nic.id(), nic.counters()?);
    /// }
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn nics(&self) -> Vec<Nic<'_>> {
        self.lock_nics().serials.iter().map(|(&id, &serial)| Nic { stack: self, id, serial }).collect()
    }

    fn lock_nics(&self) -> MutexGuard<'_, Nics> {
        // Nothing panics while it is locked.
        self.nics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Nic<'_> {
    /// The NIC's number in its stack.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// assert_eq!(nic.id(), 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The stack that it belongs to.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// assert_eq!(nic.stack().nics().len(), 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    #[must_use]
    pub fn stack(&self) -> &Stack {
        self.stack
    }

    /// Removes the NIC with its addresses and routes, and lets its link go. Handlers that run finish; what they answer
    /// is still sent.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.remove()?;
    /// assert!(stack.nics().is_empty());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`]: it was removed already. [`Error::NoMemory`].
    pub fn remove(self) -> Result<()> {
        self.change(|nics, stack, id, said| {
            // SAFETY: the stack is alive.
            let status = unsafe { sys::ns_stack_remove_nic(stack, id, said) };
            if status == sys::NS_OK {
                nics.serials.remove(&id);
            }
            status
        })?;
        event!(DEBUG, nic = self.id, "NIC removed");
        Ok(())
    }

    /// Assigns addresses, all or none, each with the prefix of its subnet: 192.168.0.1/24 brings the subnet's broadcast
    /// address and on-link route with it, `2001:db8::1/64` its solicited-node group and route.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.add_addresses(&["192.168.1.1/24".parse()?, "fd07::1/64".parse()?])?;
    /// let error = nic.add_addresses(&["224.0.0.1/32".parse()?]).unwrap_err();
    /// assert!(matches!(error, netstack::Error::InvalidArgument(why) if why.contains("224.0.0.1")));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: one is no unicast address. [`Error::Busy`]: one is assigned already.
    /// [`Error::NotFound`], [`Error::NoMemory`].
    pub fn add_addresses(&self, addresses: &[Prefix]) -> Result<()> {
        let raw = to_sys(addresses);
        self.change(|_, stack, id, said| {
            // SAFETY: the stack is alive, the array is there for the call.
            unsafe { sys::ns_stack_add_addresses(stack, id, raw.as_ptr(), raw.len(), said) }
        })
    }

    /// Takes addresses away, all or none, and what came with them.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.remove_addresses(&[[192, 168, 0, 1].into()])?;
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_none());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`]: one is not assigned, or the NIC was removed. [`Error::NoMemory`].
    pub fn remove_addresses(&self, addresses: &[IpAddr]) -> Result<()> {
        let raw: Vec<_> = addresses.iter().map(|&address| address::to_sys(address)).collect();
        self.change(|_, stack, id, said| {
            // SAFETY: as above.
            unsafe { sys::ns_stack_remove_addresses(stack, id, raw.as_ptr(), raw.len(), said) }
        })
    }

    /// Makes every unicast address of the prefixes ours, all or none: no address is assigned or stored, and packets for
    /// them are taken as for a temporary address, at the same cost however large the prefix.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.add_local_prefixes(&["10.7.0.0/16".parse()?])?;
    /// let error = nic.add_local_prefixes(&["10.8.0.1/16".parse()?]).unwrap_err();
    /// assert!(matches!(error, netstack::Error::InvalidArgument(why) if why.contains("10.8.0.1/16")));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: bits are set behind a prefix, or it is multicast. [`Error::Busy`]: one is local
    /// already. [`Error::NotFound`], [`Error::NoMemory`].
    pub fn add_local_prefixes(&self, prefixes: &[Prefix]) -> Result<()> {
        let raw = to_sys(prefixes);
        self.change(|_, stack, id, said| {
            // SAFETY: as above.
            unsafe { sys::ns_stack_add_local_prefixes(stack, id, raw.as_ptr(), raw.len(), said) }
        })
    }

    /// Takes local prefixes away, all or none, written as they were added.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.add_local_prefixes(&["10.7.0.0/16".parse()?])?;
    /// nic.remove_local_prefixes(&["10.7.0.0/16".parse()?])?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`]: one is not local, or the NIC was removed. [`Error::NoMemory`].
    pub fn remove_local_prefixes(&self, prefixes: &[Prefix]) -> Result<()> {
        let raw = to_sys(prefixes);
        self.change(|_, stack, id, said| {
            // SAFETY: as above.
            unsafe { sys::ns_stack_remove_local_prefixes(stack, id, raw.as_ptr(), raw.len(), said) }
        })
    }

    /// Joins a multicast group: packets to it are taken. Nothing is announced to routers.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.join_group([224, 0, 0, 251].into())?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: no multicast address. [`Error::Busy`]: joined already. [`Error::NotFound`],
    /// [`Error::NoMemory`].
    pub fn join_group(&self, group: IpAddr) -> Result<()> {
        let text = text_of(group)?;
        self.change(|_, stack, id, said| {
            // SAFETY: as above, the text ends in 0.
            unsafe { sys::ns_stack_join_group(stack, id, text.as_ptr(), said) }
        })
    }

    /// Leaves a group that was joined.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.join_group([224, 0, 0, 251].into())?;
    /// nic.leave_group([224, 0, 0, 251].into())?;
    /// assert!(matches!(nic.leave_group([224, 0, 0, 251].into()), Err(netstack::Error::NotFound(_))));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`]: it was not, or the NIC was removed. [`Error::NoMemory`].
    pub fn leave_group(&self, group: IpAddr) -> Result<()> {
        let text = text_of(group)?;
        self.change(|_, stack, id, said| {
            // SAFETY: as above.
            unsafe { sys::ns_stack_leave_group(stack, id, text.as_ptr(), said) }
        })
    }

    /// Stops taking packets, or takes them again.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.set_disabled(true)?;
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_none());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoMemory`].
    pub fn set_disabled(&self, on: bool) -> Result<()> {
        self.set(sys::NS_NIC_DISABLED, on)
    }

    /// Takes packets for every unicast address, or no longer.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.set_promiscuous(true)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoMemory`].
    pub fn set_promiscuous(&self, on: bool) -> Result<()> {
        self.set(sys::NS_NIC_PROMISCUOUS, on)
    }

    /// Lets the stack answer by itself from IPv6 addresses that nobody assigned, or no longer.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.set_spoofing(true)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoMemory`].
    pub fn set_spoofing(&self, on: bool) -> Result<()> {
        self.set(sys::NS_NIC_SPOOFING, on)
    }

    /// Hands packets back that nothing here takes, or no longer; see [`NicOptions::side_by_side`].
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.set_side_by_side(true)?;
    /// nic.remove_addresses(&[[192, 168, 0, 1].into()])?;
    /// assert_eq!(wire.inject(&echo_request)?, netstack::Injected::Unclaimed);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoMemory`].
    pub fn set_side_by_side(&self, on: bool) -> Result<()> {
        self.set(sys::NS_NIC_SIDE_BY_SIDE, on)
    }

    /// Sends packets of a family on that come in and are not ours, or no longer; see [`NicOptions::forwarding`].
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// let nic = stack.nic(1).expect("it was added");
    ///
    /// nic.set_forwarding(netstack::Family::V4, true)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoMemory`].
    pub fn set_forwarding(&self, family: Family, on: bool) -> Result<()> {
        self.set(crate::nic_options::forwarding_bits(family), on)
    }

    fn set(&self, bit: u32, on: bool) -> Result<()> {
        let (set, clear) = if on { (bit, 0) } else { (0, bit) };
        // SAFETY: the stack is alive.
        self.change(|_, stack, id, said| unsafe { sys::ns_stack_set_nic_flags(stack, id, set, clear, said) })
    }

    /// Calls with the lock, with which no call waits for anyone: a NIC that was removed must not be taken for a later
    /// one of its number.
    pub(crate) fn change(
        &self,
        call: impl FnOnce(&mut Nics, *mut sys::ns_stack, u32, *mut *mut sys::ns_error) -> sys::ns_status,
    ) -> Result<()> {
        deliver_locking(|| {
            let mut nics = self.stack.lock_nics();
            if nics.serials.get(&self.id) != Some(&self.serial) {
                return Err(Error::NotFound(format!("NIC {} was removed", self.id).into()));
            }
            let mut said = Said::nothing();
            let status = call(&mut nics, self.stack.raw(), self.id, said.out());
            said.result(status)
        })
    }
}

/// The library takes groups as text.
fn text_of(group: IpAddr) -> Result<CString> {
    CString::new(group.to_string()).map_err(|_| invalid("an address without zero bytes"))
}
