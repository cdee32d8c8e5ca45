//! Counters: everything that became of packets, by dotted name.

use std::collections::BTreeMap;
use std::ffi::{c_char, c_void, CStr, CString};

use netstack_sys as sys;

use crate::callback::{deliver, guard};
use crate::error::{check, Error, Result};
use crate::nic::Nic;
use crate::stack::Stack;

type Counters = BTreeMap<String, u64>;

unsafe extern "C" fn visit(user_data: *mut c_void, name: *const c_char, value: u64) -> i32 {
    // Anything but 0 ends the walk.
    guard(1, || {
        // SAFETY: walk() lends the counters, and nobody else has them; the name ends in 0 and is there for the call.
        let (counters, name) = unsafe { (&mut *user_data.cast::<Counters>(), CStr::from_ptr(name)) };
        counters.insert(name.to_string_lossy().into_owned(), value);
        0
    })
}

fn walk(stack: *mut sys::ns_stack, counters: &mut Counters) -> sys::ns_status {
    // SAFETY: the callers' stack is alive, and the counters are there for the call.
    unsafe { sys::ns_stack_for_each_counter(stack, Some(visit), std::ptr::from_mut(counters).cast()) }
}

fn no_counter(name: &str) -> Error {
    Error::NotFound(format!("no counter has the name {name:?}").into())
}

impl Stack {
    /// Reads all counters: `ip.packets_received`, `icmp.v4.sent.echo_reply`, `forwarder.consumed` and so on count for
    /// the whole stack, NICs that were removed included; `nic.1.rx.packets` and so on for one NIC.
    ///
    /// Names stay as they are; later versions add some. Counts go on meanwhile: two that belong together may be read a
    /// packet apart.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// wire.inject(&echo_request)?;
    /// for (name, count) in stack.counters()?.iter().filter(|(_, count)| **count > 0) {
    ///     println!("{name} {count}");
    /// }
    /// assert_eq!(stack.counters()?["icmp.v4.sent.echo_reply"], 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub fn counters(&self) -> Result<BTreeMap<String, u64>> {
        deliver(|| {
            let mut counters = Counters::new();
            check(walk(self.raw(), &mut counters)).map(|()| counters)
        })
    }

    /// Reads one counter.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// wire.inject(&echo_request)?;
    /// assert_eq!(stack.counter("icmp.v4.received.echo_request")?, 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`]: no counter has this name. [`Error::NoMemory`].
    pub fn counter(&self, name: &str) -> Result<u64> {
        let text = CString::new(name).map_err(|_| no_counter(name))?;
        let mut count = 0;
        // SAFETY: the stack is alive, the text ends in 0.
        match deliver(|| unsafe { sys::ns_stack_get_counter(self.raw(), text.as_ptr(), &mut count) }) {
            sys::NS_ERR_NOT_FOUND | sys::NS_ERR_INVALID_ARGUMENT => Err(no_counter(name)),
            status => check(status).map(|()| count),
        }
    }
}

impl Nic<'_> {
    /// Reads the NIC's counters, with names that begin after `nic.1.`.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// wire.inject(&echo_request)?;
    /// assert_eq!(stack.nic(1).expect("it was added").counters()?["rx.packets"], 1);
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`]: the NIC was removed. [`Error::NoMemory`].
    pub fn counters(&self) -> Result<BTreeMap<String, u64>> {
        let mut all = Counters::new();
        self.change(|_, stack, _, _| walk(stack, &mut all))?;
        let prefix = format!("nic.{}.", self.id());
        let mine = |(name, count): (String, u64)| Some((name.strip_prefix(&prefix)?.to_owned(), count));
        Ok(all.into_iter().filter_map(mine).collect())
    }
}
