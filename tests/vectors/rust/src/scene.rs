//! One vector under way: a stack as it says, its handlers, and what they have noted.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use netstack::{
    Channel, ChannelOptions, EchoDestination, EchoOptions, EchoPolicy, Error, Family, ManualClock, NicOptions, Packet,
    PingSocket, Prefix, Result, Stack, StackOptions,
};

use crate::file;
use crate::handler::handle;

/// What handlers and steps share.
pub struct Scene {
    pub vector: file::Vector,
    pub clock: ManualClock,
    pub stack: Stack,
    pub wires: BTreeMap<u32, Channel>,
    sockets: Mutex<Vec<PingSocket>>,
    notes: Mutex<Notes>,
}

/// What was noted so far.
#[derive(Default)]
pub struct Notes {
    /// Of the step.
    pub place: String,
    pub step: file::Step,
    /// How many requests of the step handlers have seen.
    pub seen: usize,
    pub kept: netstack_sys::ns_request,
    pub kept_packet: Option<Packet>,
    /// The first.
    pub difference: Option<String>,
}

impl From<file::Family> for Family {
    fn from(family: file::Family) -> Self {
        match family {
            file::Family::Any => Family::Any,
            file::Family::Ipv4 => Family::V4,
            file::Family::Ipv6 => Family::V6,
        }
    }
}

impl Scene {
    /// Makes everything that the vector's configuration says.
    pub fn new(vector: &file::Vector) -> Result<Arc<Self>> {
        let clock = ManualClock::new(Duration::ZERO)?;
        let mut options = StackOptions::new().clock(&clock).seed(1);
        if vector.stack.strict_routes {
            options = options.strict_routes();
        }
        if let Some(ttl) = vector.stack.default_ttl {
            options = options.default_ttl(ttl);
        }
        if let Some(limit) = vector.stack.default_hop_limit {
            options = options.default_hop_limit(limit);
        }
        let stack = Stack::with(options)?;
        let wires = vector.nics.iter().map(|nic| Ok((nic.number, add_nic(&stack, nic)?))).collect::<Result<_>>()?;
        let (sockets, notes) = (Mutex::default(), Mutex::default());
        let scene = Arc::new(Self { vector: vector.clone(), clock, stack, wires, sockets, notes });
        for route in &vector.routes {
            scene.add_route(route)?;
        }
        for each in &vector.policies {
            let destination = match each.destination {
                file::Destination::Temporary => EchoDestination::Temporary,
                file::Destination::Group => EchoDestination::Group,
            };
            let policy = match each.says {
                file::EchoPolicy::Default => EchoPolicy::Default,
                file::EchoPolicy::Reply => EchoPolicy::Reply,
                file::EchoPolicy::Silent => EchoPolicy::Silent,
            };
            scene.stack.set_echo_policy(each.family.into(), destination, policy)?;
        }
        if let Some(rate) = vector.icmp_rate {
            scene.stack.set_icmp_rate(rate.per_second, rate.burst)?;
        }
        for each in &vector.icmp_limited {
            scene.stack.set_icmp_limited(each.family.into(), each.kind, each.is)?;
        }
        scene.open_sockets(&vector.sockets)?;
        install(&scene, &vector.handlers)?;
        Ok(scene)
    }

    /// The lock is never held while a packet is delivered.
    pub fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn add_route(&self, route: &file::Route) -> Result<()> {
        self.stack.add_routes(&[netstack::Route {
            destination: route.to.parse::<Prefix>()?,
            gateway: route.gateway.as_deref().map(address).transpose()?,
            nic: route.nic,
        }])
    }

    /// Closes those that were there.
    pub fn open_sockets(&self, sockets: &[file::Socket]) -> Result<()> {
        let mut open = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        open.clear();
        for each in sockets {
            let socket = self.stack.ping_socket(each.family.into())?;
            socket.bind(each.address.as_deref().map(address).transpose()?, each.identifier)?;
            open.push(socket);
        }
        Ok(())
    }

    /// Notes what differs, with the step; only the first difference counts.
    pub fn differ(&self, text: &str) {
        let mut notes = self.notes();
        if notes.difference.is_none() {
            notes.difference = Some(format!("{}{text}", notes.place));
        }
    }

    pub fn compare(&self, what: &str, got: &str, wanted: &str) {
        if got != wanted {
            self.differ(&format!("{what}: {got}, not {wanted}"));
        }
    }

    pub fn compare_bytes(&self, what: &str, got: &[u8], wanted: Option<&String>) {
        let data = wanted.map_or(&[][..], |name| &self.vector.packets[name].data);
        if got != data {
            let name = wanted.map_or("nothing", |name| name);
            self.differ(&format!("{what}: {}, not {}, which is {name:?}", hex(got), hex(data)));
        }
    }
}

/// Takes all handlers away, and installs these.
pub fn install(scene: &Arc<Scene>, handlers: &[file::Handler]) -> Result<()> {
    scene.stack.remove_handler(Family::Any)?;
    for handler in handlers {
        let mut options = EchoOptions::new().family(handler.family.into());
        if handler.echo_replies {
            options = options.echo_replies();
        }
        // Not the scene itself, which has the stack that has the handler.
        let (place, handler) = (Arc::downgrade(scene), handler.clone());
        scene.stack.on_echo_with(options, move |request| {
            let scene = place.upgrade().expect("the scene outlives its packets");
            handle(&scene, &handler, request)
        })?;
    }
    Ok(())
}

fn add_nic(stack: &Stack, nic: &file::Nic) -> Result<Channel> {
    let mut of = ChannelOptions::new();
    if let Some(mtu) = nic.mtu {
        of = of.mtu(mtu);
    }
    if let Some(capacity) = nic.capacity {
        of = of.capacity(capacity);
    }
    let wire = Channel::with(of)?;
    let mut options = NicOptions::new().id(nic.number);
    for address in &nic.addresses {
        options = options.address(address);
    }
    for prefix in &nic.prefixes {
        options = options.local_prefix(prefix);
    }
    if nic.promiscuous {
        options = options.promiscuous();
    }
    if nic.spoofing {
        options = options.spoofing();
    }
    if nic.side_by_side {
        options = options.side_by_side();
    }
    let added = stack.add_nic(&wire, options)?;
    for group in &nic.groups {
        added.join_group(address(group)?)?;
    }
    Ok(wire)
}

fn address(text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| Error::InvalidArgument(format!("{text} is no address").into()))
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
