//! An interface of smoltcp's that answers echo requests by itself, one packet per poll.

use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr};

const MTU: usize = 1500;

/// The one packet that waits to be received, and where the reply goes.
struct Wire<'a> {
    request: Option<&'a [u8]>,
    reply: &'a mut [u8; MTU],
    reply_length: usize,
}

struct Received<'a>(&'a [u8]);
struct Sent<'a> {
    reply: &'a mut [u8; MTU],
    length: &'a mut usize,
}

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

impl TxToken for Sent<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        *self.length = length;
        f(&mut self.reply[..length])
    }
}

impl Device for Wire<'_> {
    type RxToken<'a>
        = Received<'a>
    where
        Self: 'a;
    type TxToken<'a>
        = Sent<'a>
    where
        Self: 'a;

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = MTU;
        capabilities
    }

    fn receive(&mut self, _now: Instant) -> Option<(Received<'_>, Sent<'_>)> {
        let request = self.request.take()?;
        Some((Received(request), Sent { reply: self.reply, length: &mut self.reply_length }))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Sent<'_>> {
        Some(Sent { reply: self.reply, length: &mut self.reply_length })
    }
}

/// A stack with one address.
pub struct Echo {
    interface: Interface,
    sockets: SocketSet<'static>,
    reply: [u8; MTU],
}

impl Echo {
    pub fn new(address: IpAddress) -> Self {
        let prefix = if matches!(address, IpAddress::Ipv4(_)) { 24 } else { 64 };
        let mut reply = [0; MTU];
        let mut wire = Wire { request: None, reply: &mut reply, reply_length: 0 };
        let mut interface = Interface::new(Config::new(HardwareAddress::Ip), &mut wire, Instant::ZERO);
        interface.update_ip_addrs(|addresses| {
            addresses.push(IpCidr::new(address, prefix)).expect("room for one address");
        });
        Self { interface, sockets: SocketSet::new(Vec::new()), reply }
    }

    /// Deals with one packet: the reply, empty where there is none.
    pub fn one(&mut self, request: &[u8]) -> &[u8] {
        let mut wire = Wire { request: Some(request), reply: &mut self.reply, reply_length: 0 };
        self.interface.poll(Instant::ZERO, &mut wire, &mut self.sockets);
        let length = wire.reply_length;
        &self.reply[..length]
    }
}
