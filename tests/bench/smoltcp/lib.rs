//! smoltcp behind three C functions, for the bench: an interface that answers
//! echo requests by itself, one packet per poll.

use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr};

const MTU: usize = 1500;

/// The one packet that waits to be received, and where the reply goes.
struct Wire {
    request: Option<&'static [u8]>,
    reply: [u8; MTU],
    reply_length: usize,
}

struct Received(&'static [u8]);
struct Sent<'a> {
    reply: &'a mut [u8; MTU],
    length: &'a mut usize,
}

impl RxToken for Received {
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

impl Device for Wire {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sent<'a>;

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = MTU;
        capabilities
    }

    fn receive(&mut self, _now: Instant) -> Option<(Received, Sent<'_>)> {
        let request = self.request.take()?;
        Some((Received(request), Sent { reply: &mut self.reply, length: &mut self.reply_length }))
    }

    fn transmit(&mut self, _now: Instant) -> Option<Sent<'_>> {
        Some(Sent { reply: &mut self.reply, length: &mut self.reply_length })
    }
}

pub struct SmoltcpEcho {
    interface: Interface,
    sockets: SocketSet<'static>,
    wire: Wire,
}

/// An interface with one address of 4 or 16 bytes; NULL where that is none.
///
/// # Safety
/// `address` points at `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn smoltcp_echo_new(address: *const u8, length: usize) -> *mut SmoltcpEcho {
    let bytes = unsafe { std::slice::from_raw_parts(address, length) };
    let cidr = if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        IpCidr::new(IpAddress::Ipv4(v4.into()), 24)
    } else if let Ok(v6) = <[u8; 16]>::try_from(bytes) {
        IpCidr::new(IpAddress::Ipv6(v6.into()), 64)
    } else {
        return std::ptr::null_mut();
    };
    let mut wire = Wire { request: None, reply: [0; MTU], reply_length: 0 };
    let mut interface = Interface::new(Config::new(HardwareAddress::Ip), &mut wire, Instant::ZERO);
    interface.update_ip_addrs(|addresses| addresses.push(cidr).expect("room for one address"));
    let sockets = SocketSet::new(Vec::new());
    Box::into_raw(Box::new(SmoltcpEcho { interface, sockets, wire }))
}

/// Deals with one packet. Returns the reply's length, 0 for none; `reply`
/// receives where it is, until the next call.
///
/// # Safety
/// `echo` came from `smoltcp_echo_new`, `request` points at `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn smoltcp_echo_one(
    echo: *mut SmoltcpEcho,
    request: *const u8,
    length: usize,
    reply: *mut *const u8,
) -> usize {
    let echo = unsafe { &mut *echo };
    echo.wire.request = Some(unsafe { std::slice::from_raw_parts(request, length) });
    echo.wire.reply_length = 0;
    echo.interface.poll(Instant::ZERO, &mut echo.wire, &mut echo.sockets);
    unsafe { *reply = echo.wire.reply.as_ptr() };
    echo.wire.reply_length
}

/// # Safety
/// `echo` came from `smoltcp_echo_new` and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn smoltcp_echo_free(echo: *mut SmoltcpEcho) {
    drop(unsafe { Box::from_raw(echo) });
}
