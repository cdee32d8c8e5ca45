//! What most tests work with: echo packets built and read by the RFCs with checksums of their own, and one stack with
//! one NIC, one channel and time that stands still. The test is the peer at the other end.
#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::missing_panics_doc, clippy::must_use_candidate, reason = "tests")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::net::UnixDatagram;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use netstack::{
    Channel, FdLink, Injected, ManualClock, Nic, NicOptions, PacketInformation, Request, Stack, StackOptions, Verdict,
};

/// How long a test waits for what must happen. It fails then; it never waits that long when it passes.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The families, 4 and 6.
pub const BOTH: [u8; 2] = [4, 6];

pub fn ours(family: u8) -> &'static str {
    if family == 4 {
        "192.168.0.1"
    } else {
        "a::1"
    }
}

pub fn peer(family: u8) -> &'static str {
    if family == 4 {
        "192.168.0.2"
    } else {
        "a::2"
    }
}

pub fn temporary(family: u8) -> &'static str {
    if family == 4 {
        "192.168.0.99"
    } else {
        "a::99"
    }
}

pub fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// An Echo Request or Reply without IP options or extension headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echo {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub kind: u8,
    pub code: u8,
    pub identifier: u16,
    pub sequence: u16,
    pub payload: Vec<u8>,
    pub ttl: u8,
    pub tos: u8,
    /// IPv4.
    pub id: u16,
    /// IPv4: flags and offset.
    pub fragment: u16,
    /// IPv6.
    pub flow_label: u32,
}

/// An Echo Request from the peer of the destination's family.
pub fn request(destination: &str) -> Echo {
    let destination = ip(destination);
    let family = if destination.is_ipv4() { 4 } else { 6 };
    Echo {
        source: ip(peer(family)),
        destination,
        kind: if family == 4 { 8 } else { 128 },
        code: 0,
        identifier: 1234,
        sequence: 1,
        payload: b"abcd".to_vec(),
        ttl: 64,
        tos: 0,
        id: 0,
        fragment: 0,
        flow_label: 0,
    }
}

/// An Echo Reply from the peer that nobody asked for.
pub fn reply(destination: &str) -> Echo {
    let echo = request(destination);
    Echo { kind: if echo.is_v4() { 0 } else { 129 }, ..echo }
}

/// RFC 1071: the complement of the ones' complement sum of 16-bit words.
pub fn checksum(pieces: &[&[u8]]) -> u16 {
    let mut sum = 0u32;
    for piece in pieces {
        for pair in piece.chunks(2) {
            sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

/// RFC 8200 8.1, before the addresses.
fn pseudo(length: usize) -> [u8; 8] {
    let [_, _, high, low] = u32::try_from(length).unwrap().to_be_bytes();
    [0, 0, high, low, 0, 0, 0, 58]
}

impl Echo {
    pub fn is_v4(&self) -> bool {
        self.source.is_ipv4()
    }

    pub fn sequence(self, sequence: u16) -> Self {
        Self { sequence, ..self }
    }

    pub fn payload(self, payload: &[u8]) -> Self {
        Self { payload: payload.to_vec(), ..self }
    }

    fn addresses(&self) -> Vec<u8> {
        [self.source, self.destination]
            .iter()
            .flat_map(|address| match address {
                IpAddr::V4(v4) => v4.octets().to_vec(),
                IpAddr::V6(v6) => v6.octets().to_vec(),
            })
            .collect()
    }

    pub fn build(&self) -> Vec<u8> {
        let mut message = vec![self.kind, self.code, 0, 0];
        message.extend(self.identifier.to_be_bytes());
        message.extend(self.sequence.to_be_bytes());
        message.extend(&self.payload);
        let addresses = self.addresses();
        let sum = if self.is_v4() {
            checksum(&[&message])
        } else {
            checksum(&[&addresses, &pseudo(message.len()), &message])
        };
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        let mut packet = if self.is_v4() { self.header4(message.len()) } else { self.header6(message.len()) };
        packet.extend(&addresses);
        if self.is_v4() {
            let sum = checksum(&[&packet]);
            packet[10..12].copy_from_slice(&sum.to_be_bytes());
        }
        packet.extend(message);
        packet
    }

    fn header4(&self, length: usize) -> Vec<u8> {
        let mut header = vec![0x45, self.tos];
        header.extend(u16::try_from(20 + length).unwrap().to_be_bytes());
        header.extend(self.id.to_be_bytes());
        header.extend(self.fragment.to_be_bytes());
        header.extend([self.ttl, 1, 0, 0]);
        header
    }

    fn header6(&self, length: usize) -> Vec<u8> {
        let first = 6 << 28 | u32::from(self.tos) << 20 | self.flow_label;
        let mut header = first.to_be_bytes().to_vec();
        header.extend(u16::try_from(length).unwrap().to_be_bytes());
        header.extend([58, self.ttl]);
        header
    }

    /// The reply that belongs to this request.
    pub fn answer(&self) -> Self {
        Self {
            source: self.destination,
            destination: self.source,
            kind: if self.is_v4() { 0 } else { 129 },
            ttl: 64,
            flow_label: 0,
            ..self.clone()
        }
    }

    /// The reply from an address that is not the destination.
    pub fn answer_from(&self, source: &str) -> Self {
        Self { source: ip(source), ..self.answer() }
    }
}

fn word(packet: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([packet[at], packet[at + 1]])
}

/// Takes an echo apart and holds every length and checksum to be right.
pub fn read(packet: &[u8]) -> Echo {
    let v4 = packet[0] >> 4 == 4;
    let header = if v4 { 20 } else { 40 };
    let message = &packet[header..];
    let (source, destination) = if v4 {
        assert_eq!((packet[0], packet[9], usize::from(word(packet, 2))), (0x45, 1, packet.len()));
        assert_eq!((checksum(&[&packet[..20]]), checksum(&[message])), (0, 0));
        let at = |at: usize| IpAddr::from(<[u8; 4]>::try_from(&packet[at..at + 4]).unwrap());
        (at(12), at(16))
    } else {
        assert_eq!((packet[0] >> 4, packet[6], usize::from(word(packet, 4))), (6, 58, message.len()));
        assert_eq!(checksum(&[&packet[8..40], &pseudo(message.len()), message]), 0);
        let at = |at: usize| IpAddr::from(<[u8; 16]>::try_from(&packet[at..at + 16]).unwrap());
        (at(8), at(24))
    };
    let first = u32::from(word(packet, 0)) << 16 | u32::from(word(packet, 2));
    Echo {
        source,
        destination,
        kind: message[0],
        code: message[1],
        identifier: word(message, 4),
        sequence: word(message, 6),
        payload: message[8..].to_vec(),
        ttl: packet[if v4 { 8 } else { 7 }],
        tos: if v4 { packet[1] } else { u8::try_from(first >> 20 & 0xff).unwrap() },
        id: if v4 { word(packet, 4) } else { 0 },
        fragment: if v4 { word(packet, 6) } else { 0 },
        flow_label: if v4 { 0 } else { first & 0xf_ffff },
    }
}

/// One stack, one NIC (number 1), one channel.
pub struct Wire {
    pub clock: ManualClock,
    pub stack: Arc<Stack>,
    pub link: Arc<Channel>,
}

/// The addresses that a NIC has in most tests.
pub fn addresses() -> NicOptions {
    NicOptions::new().address("192.168.0.1/24").address("a::1/64")
}

impl Wire {
    pub fn new() -> Self {
        Self::with(StackOptions::new(), addresses())
    }

    pub fn nic(options: NicOptions) -> Self {
        Self::with(StackOptions::new(), options)
    }

    pub fn with(stack: StackOptions, nic: NicOptions) -> Self {
        let clock = ManualClock::new(Duration::ZERO).unwrap();
        let stack = Stack::with(stack.clock(&clock)).unwrap();
        let link = Channel::new().unwrap();
        stack.add_nic(&link, nic).unwrap();
        Self { clock, stack: Arc::new(stack), link: Arc::new(link) }
    }

    pub fn the_nic(&self) -> Nic<'_> {
        self.stack.nic(1).unwrap()
    }

    pub fn on_echo(&self, handler: impl Fn(&mut Request<'_>) -> Verdict + Send + Sync + 'static) {
        self.stack.on_echo(handler).unwrap();
    }

    /// Delivers a packet; returns what the stack sent because of it.
    pub fn send(&self, echo: &Echo) -> Vec<Vec<u8>> {
        assert_eq!(self.link.inject(&echo.build()).unwrap(), Injected::Taken);
        self.link.drain().collect()
    }

    /// How many answers came. Each must be the right one.
    pub fn answers(&self, echo: &Echo) -> usize {
        let sent = self.send(echo);
        for packet in &sent {
            assert_eq!(read(packet), echo.answer());
        }
        sent.len()
    }
}

/// One stack that reads a datagram socket, with the system's clock: for `run` and `poll`.
pub struct Loop {
    pub stack: Arc<Stack>,
    pub peer: UnixDatagram,
}

impl Loop {
    pub fn new() -> Self {
        Self::with(StackOptions::new())
    }

    pub fn with(options: StackOptions) -> Self {
        let stack = Stack::with(options).unwrap();
        let (peer, ours) = UnixDatagram::pair().unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        let link = FdLink::new(&ours, None, PacketInformation::None).unwrap();
        stack.add_nic(link, addresses()).unwrap();
        Self { stack: Arc::new(stack), peer }
    }

    /// Runs the stack, and stops it where nothing else does in time, so that the test fails and does not hang.
    pub fn run(&self) -> netstack::Result<()> {
        let (running, ended) = std::sync::mpsc::channel::<()>();
        let stack = Arc::clone(&self.stack);
        let watch = std::thread::spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                stack.stop();
            }
        });
        let outcome = self.stack.run();
        drop(running);
        watch.join().unwrap();
        outcome
    }

    pub fn write(&self, echo: &Echo) {
        self.peer.send(&echo.build()).unwrap();
    }

    pub fn read(&self) -> Echo {
        let mut buffer = [0; 2000];
        let length = self.peer.recv(&mut buffer).expect("an answer");
        read(&buffer[..length])
    }
}

/// For tests that look at when something is dropped: the library lets go when the calls that are under way have left it,
/// also those of other stacks, so no other test may run.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does the work on another thread, to its end; a panic there is one here.
pub fn elsewhere<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|payload| std::panic::resume_unwind(payload))
}

/// Waits for what must come.
pub fn wait<T>(receiver: &Receiver<T>) -> T {
    receiver.recv_timeout(PATIENCE).expect("it did not come")
}

/// What a call panicked with, as text.
pub fn panic_of<T>(call: impl FnOnce() -> T) -> String {
    let payload = payload_of(call);
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().expect("text")).to_owned(),
    }
}

/// What a call panicked with.
pub fn payload_of<T>(call: impl FnOnce() -> T) -> Box<dyn std::any::Any + Send> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => payload,
    }
}

/// Any address at all.
pub fn any_address(v4: bool, bytes: [u8; 16]) -> IpAddr {
    if v4 {
        IpAddr::V4(Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]))
    } else {
        IpAddr::V6(Ipv6Addr::from(bytes))
    }
}
