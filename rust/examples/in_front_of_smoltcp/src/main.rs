//! Two stacks on one TUN device and at the same addresses: our handler owns ping for all of 10.7.0.0/16 and
//! `fd07::/64`, smoltcp keeps TCP and UDP there.
//!
//! ```sh
//! sudo ip tuntap add dev tun0 mode tun
//! sudo ip address add 10.7.255.254/16 dev tun0
//! sudo ip address add fd07::ffff/64 dev tun0
//! sudo ip link set tun0 up
//! sudo target/debug/in_front_of_smoltcp     # and then: ping 10.7.0.1; ping fd07::200:3; curl http://10.7.200.3/
//! ```

use std::error::Error;
use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::AsRawFd;
use std::process::exit;

use netstack::{Channel, Injected, NicOptions, Stack, Verdict};
use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium, RxToken, TunTapInterface, TxToken};
use smoltcp::socket::{tcp, udp, Socket};
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpCidr};

fn main() -> Result<(), Box<dyn Error>> {
    let wire = Channel::new()?;
    let ours = new_ours(&wire)?;
    ctrlc::set_handler(move || {
        println!("answered {}", ours.counter("forwarder.replied").unwrap_or_default());
        exit(0);
    })?;

    let tun = TunTapInterface::new("tun0", Medium::Ip)?;
    let descriptor = tun.as_raw_fd();
    let mut device = Behind { wire, tun };
    let mut theirs = new_smoltcp(&mut device)?;
    let mut sockets = new_sockets();
    loop {
        let now = Instant::now();
        theirs.poll(now, &mut device, &mut sockets);
        for (_, socket) in sockets.iter_mut() {
            match socket {
                Socket::Tcp(socket) => greet(socket)?,
                Socket::Udp(socket) => echo(socket)?,
            }
        }
        match phy::wait(descriptor, theirs.poll_delay(now, &sockets)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {} // Ctrl-C interrupts it, too
        }
    }
}

// ---- ours: every address answers ping ----

fn new_ours(wire: &Channel) -> netstack::Result<Stack> {
    let stack = Stack::new()?;
    let options = NicOptions::new().side_by_side().local_prefix("10.7.0.0/16").local_prefix("fd07::/64");
    stack.add_nic(wire, options)?;
    stack.on_echo(|request| {
        let _ = request.reply();
        Verdict::Consumed
    })?;
    Ok(stack)
}

/// The device as smoltcp sees it: without the packets that are ours.
struct Behind {
    wire: Channel,
    tun: TunTapInterface,
}

struct Packet(Vec<u8>);

impl RxToken for Packet {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, receive: F) -> R {
        receive(&self.0)
    }
}

impl Device for Behind {
    type RxToken<'a> = Packet;
    type TxToken<'a> = <TunTapInterface as Device>::TxToken<'a>;

    fn receive(&mut self, now: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        loop {
            let (token, way_back) = self.tun.receive(now)?;
            let packet = token.consume(<[u8]>::to_vec);
            // The one line where they meet. A packet that nothing of ours takes comes back as it was.
            if let Ok(Injected::Unclaimed) = self.wire.inject(&packet) {
                return Some((Packet(packet), way_back));
            }
            for answer in self.wire.drain() {
                self.tun.transmit(now)?.consume(answer.len(), |packet| packet.copy_from_slice(&answer));
            }
        }
    }

    fn transmit(&mut self, now: Instant) -> Option<Self::TxToken<'_>> {
        self.tun.transmit(now)
    }

    fn capabilities(&self) -> DeviceCapabilities {
        self.tun.capabilities()
    }
}

// ---- smoltcp's: TCP and UDP, at every address ----

fn new_smoltcp(device: &mut Behind) -> Result<Interface, Box<dyn Error>> {
    let mut config = Config::new(HardwareAddress::Ip);
    config.random_seed = RandomState::new().hash_one(());
    let mut interface = Interface::new(config, device, Instant::now());
    let (v4, v6) = (Ipv4Addr::new(10, 7, 0, 1), Ipv6Addr::new(0xfd07, 0, 0, 0, 0, 0, 0, 1));
    interface.update_ip_addrs(|addresses| {
        addresses.extend([IpCidr::new(v4.into(), 16), IpCidr::new(v6.into(), 64)]);
    });
    // What is routed to an address of its own is its own, too.
    interface.set_any_ip(true);
    interface.routes_mut().add_default_ipv4_route(v4)?;
    interface.routes_mut().add_default_ipv6_route(v6)?;
    Ok(interface)
}

/// One for datagrams, and one for each of four connections at a time.
fn new_sockets() -> SocketSet<'static> {
    let mut sockets = SocketSet::new(vec![]);
    let datagrams = || udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 16], vec![0; 16 * 1500]);
    sockets.add(udp::Socket::new(datagrams(), datagrams()));
    let bytes = || tcp::SocketBuffer::new(vec![0; 4096]);
    for _ in 0..4 {
        sockets.add(tcp::Socket::new(bytes(), bytes()));
    }
    sockets
}

/// An HTTP server on port 80.
fn greet(socket: &mut tcp::Socket) -> Result<(), Box<dyn Error>> {
    if !socket.is_open() {
        socket.listen(80)?;
    }
    let Some(peer) = socket.remote_endpoint() else { return Ok(()) };
    let mut request = [0; 4096];
    let length = socket.peek_slice(&mut request).unwrap_or(0);
    if request[..length].ends_with(b"\r\n\r\n") {
        socket.recv_slice(&mut request)?;
        let page = format!("smoltcp's TCP greets {peer}\n");
        if write!(socket, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{page}", page.len()).is_err() {
            socket.abort(); // it asks, but reads nothing
        }
    }
    if socket.state() == tcp::State::CloseWait {
        socket.close();
    }
    Ok(())
}

/// A UDP echo on port 7, from the address that was asked.
fn echo(socket: &mut udp::Socket) -> Result<(), Box<dyn Error>> {
    if !socket.is_open() {
        socket.bind(7)?;
    }
    while let Ok((data, peer)) = socket.recv() {
        let data = data.to_vec();
        let _ = socket.send_slice(&data, peer); // without room it is lost, as datagrams are
    }
    Ok(())
}
