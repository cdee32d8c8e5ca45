//! The handler of a stack, and what the stack does with an Echo Request by itself.

use std::ffi::c_void;
use std::ptr;

use netstack_sys as sys;

use crate::address::Family;
use crate::callback::{borrow, deliver, destroy, give, guard};
use crate::error::{Result, Said};
use crate::request::{Request, Verdict};
use crate::stack::Stack;
use crate::trace::event;

/// What a handler of [`Stack::on_echo_with`] is for.
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// use netstack::{EchoOptions, Family, Verdict};
///
/// stack.on_echo_with(EchoOptions::new().family(Family::V4).echo_replies(), |request| {
///     println!("type {}", request.icmp_type());
///     Verdict::Declined
/// })?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct EchoOptions {
    family: Family,
    flags: u32,
}

impl Default for EchoOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl EchoOptions {
    /// For both families, and for Echo Requests alone.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// stack.on_echo_with(netstack::EchoOptions::new(), |_| netstack::Verdict::Declined)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn new() -> Self {
        Self { family: Family::Any, flags: 0 }
    }

    /// For one family alone.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let options = netstack::EchoOptions::new().family(netstack::Family::V6);
    /// stack.on_echo_with(options, |_| panic!("it is not asked about IPv4"))?;
    /// wire.inject(&echo_request)?;
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// The handler also sees Echo Replies that no socket wanted; see [`PacketInfo::icmp_type`].
    ///
    /// [`PacketInfo::icmp_type`]: crate::PacketInfo::icmp_type
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// # let (echo_reply, replies) = (wire.inject(&echo_request).map(|_| wire.read().expect("a reply"))?, wire);
    /// use netstack::{EchoOptions, Verdict};
    ///
    /// stack.nic(1).expect("it was added").set_promiscuous(true)?;
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// stack.on_echo_with(EchoOptions::new().echo_replies(), move |request| {
    ///     let _ = sender.send(request.icmp_type());
    ///     Verdict::Declined
    /// })?;
    /// replies.inject(&echo_reply)?;
    /// assert_eq!(receiver.try_recv(), Ok(0));
    /// # Ok::<(), netstack::Error>(())
    /// ```
    pub fn echo_replies(mut self) -> Self {
        self.flags |= sys::NS_ICMP_FORWARDER_ECHO_REPLIES;
        self
    }
}

struct Forwarder(*mut sys::ns_icmp_forwarder);

impl Drop for Forwarder {
    fn drop(&mut self) {
        // SAFETY: null or a forwarder that this owns.
        unsafe { sys::ns_icmp_forwarder_free(self.0) }
    }
}

unsafe extern "C" fn on_request<F>(user_data: *mut c_void, id: sys::ns_request) -> sys::ns_verdict
where
    F: Fn(&mut Request<'_>) -> Verdict,
{
    // What no verdict is: the library counts a handler that failed.
    guard(-1, || {
        // SAFETY: on_echo_with() gave an F, and the library keeps it until this returns.
        let handler = unsafe { borrow::<F>(user_data) };
        let mut request = Request::new(id);
        let verdict = handler(&mut request);
        event!(
            TRACE,
            nic = request.nic(),
            source = %request.source(),
            destination = %request.destination(),
            identifier = request.identifier(),
            sequence = request.sequence(),
            ?verdict,
            "request"
        );
        match verdict {
            Verdict::Declined => sys::NS_VERDICT_DECLINED,
            Verdict::Consumed => sys::NS_VERDICT_CONSUMED,
        }
    })
}

impl Stack {
    /// Installs the handler that decides about each Echo Request that comes in, for both families, instead of
    /// the one that was there.
    ///
    /// It runs on the thread that delivered the packet; calls overlap if packets are delivered on several. A
    /// panic in it consumes the request, without a further answer, and resumes from the call that delivered.
    ///
    /// Outside of handlers this waits: when it returns, the former handler is not running and never runs again.
    /// Inside one it returns at once: no new call of the former starts, running ones finish.
    ///
    /// A handler that owns its stack, such as by an [`Arc`](std::sync::Arc), keeps it until the handler is removed; one
    /// that has a [`Weak`](std::sync::Weak) does not.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.on_echo(|request| {
    ///     let _ = request.reply();
    ///     netstack::Verdict::Consumed
    /// })?;
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_some());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn on_echo<F>(&self, handler: F) -> Result<()>
    where
        F: Fn(&mut Request<'_>) -> Verdict + Send + Sync + 'static,
    {
        self.on_echo_with(EchoOptions::new(), handler)
    }

    /// As [`on_echo`](Self::on_echo), for some requests alone, or for more than requests.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// let options = netstack::EchoOptions::new().family(netstack::Family::V4);
    /// stack.on_echo_with(options, |_| netstack::Verdict::Consumed)?;
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_none());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn on_echo_with<F>(&self, options: EchoOptions, handler: F) -> Result<()>
    where
        F: Fn(&mut Request<'_>) -> Verdict + Send + Sync + 'static,
    {
        deliver(|| {
            let mut forwarder = Forwarder(ptr::null_mut());
            let mut said = Said::nothing();
            // SAFETY: the options are filled in, and the library owns the handler from here on.
            let status = unsafe {
                let mut raw = std::mem::zeroed();
                let size = std::mem::size_of::<sys::ns_icmp_forwarder_options>();
                sys::ns_icmp_forwarder_options_init(&raw mut raw, size);
                raw.flags = options.flags;
                sys::ns_icmp_forwarder_new(
                    &raw const raw,
                    Some(on_request::<F>),
                    give(handler),
                    Some(destroy::<F>),
                    &raw mut forwarder.0,
                    said.out(),
                )
            };
            said.result(status)?;
            self.set_forwarder(options.family, &forwarder)
        })?;
        event!(DEBUG, family = ?options.family, "handler installed");
        Ok(())
    }

    /// Removes the handler of a family, or of both. It waits as [`on_echo`](Self::on_echo) does. Without a handler
    /// it does nothing.
    ///
    /// ```
    /// # let (stack, wire) = include!("doc/stack.rs");
    /// # let echo_request = include!("doc/echo_request.rs");
    /// stack.on_echo(|_| netstack::Verdict::Consumed)?;
    /// stack.remove_handler(netstack::Family::Any)?;
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_some());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn remove_handler(&self, family: Family) -> Result<()> {
        deliver(|| self.set_forwarder(family, &Forwarder(ptr::null_mut())))?;
        event!(DEBUG, ?family, "handler removed");
        Ok(())
    }

    fn set_forwarder(&self, family: Family, forwarder: &Forwarder) -> Result<()> {
        let mut said = Said::nothing();
        // SAFETY: the stack is alive, the forwarder is or is null.
        let status = unsafe { sys::ns_stack_set_icmp_forwarder(self.raw(), family.to_sys(), forwarder.0, said.out()) };
        said.result(status)
    }

    /// Sets what the stack does by itself with Echo Requests that nobody consumed: turns silence into a reply, or
    /// a reply into silence. An assigned address always answers.
    ///
    /// ```
    /// # let (stack, wire) = (netstack::Stack::new()?, netstack::Channel::new()?);
    /// # let echo_request = include!("doc/echo_request.rs");
    /// use netstack::{EchoDestination, EchoPolicy, Family};
    ///
    /// stack.add_nic(&wire, netstack::NicOptions::new().local_prefix("192.168.0.0/24"))?;
    /// stack.set_echo_policy(Family::V4, EchoDestination::Temporary, EchoPolicy::Reply)?;
    /// wire.inject(&echo_request)?;
    /// assert!(wire.read().is_some());
    /// # Ok::<(), netstack::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoMemory`](crate::Error::NoMemory).
    pub fn set_echo_policy(&self, family: Family, destination: EchoDestination, policy: EchoPolicy) -> Result<()> {
        let mut said = Said::nothing();
        // SAFETY: the stack is alive.
        let status = deliver(|| unsafe {
            sys::ns_stack_set_echo_policy(
                self.raw(),
                family.to_sys(),
                match destination {
                    EchoDestination::Temporary => sys::NS_ECHO_DESTINATION_TEMPORARY,
                    EchoDestination::Group => sys::NS_ECHO_DESTINATION_GROUP,
                },
                match policy {
                    EchoPolicy::Default => sys::NS_ECHO_POLICY_DEFAULT,
                    EchoPolicy::Reply => sys::NS_ECHO_POLICY_REPLY,
                    EchoPolicy::Silent => sys::NS_ECHO_POLICY_SILENT,
                },
                said.out(),
            )
        });
        said.result(status)
    }
}

/// The kinds of destination that have a policy.
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// use netstack::{EchoDestination, EchoPolicy, Family};
///
/// stack.set_echo_policy(Family::V6, EchoDestination::Group, EchoPolicy::Silent)?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoDestination {
    /// An address that nobody assigned. By default silent; IPv6 on a NIC with spoofing: it answers.
    Temporary,
    /// Broadcast and multicast. By default IPv4 is silent, IPv6 answers.
    Group,
}

/// What the stack does by itself.
///
/// ```
/// # let (stack, wire) = include!("doc/stack.rs");
/// use netstack::{EchoDestination, EchoPolicy, Family};
///
/// stack.set_echo_policy(Family::V4, EchoDestination::Group, EchoPolicy::Reply)?;
/// stack.set_echo_policy(Family::V4, EchoDestination::Group, EchoPolicy::Default)?;
/// # Ok::<(), netstack::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EchoPolicy {
    /// As the [`EchoDestination`] says.
    Default,
    /// Answer.
    Reply,
    /// Be silent. [`Request::reply`] works all the same.
    Silent,
}
