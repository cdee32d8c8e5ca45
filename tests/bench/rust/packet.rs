//! The requests, and the replies that they must get.

use std::net::{Ipv4Addr, Ipv6Addr};

pub const OURS_V4: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 1);
pub const OURS_V6: Ipv6Addr = Ipv6Addr::new(0xfd07, 0, 0, 0, 0, 0, 0, 1);
const THEIRS_V4: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 2);
const THEIRS_V6: Ipv6Addr = Ipv6Addr::new(0xfd07, 0, 0, 0, 0, 0, 0, 2);

const IDENTIFIER: u16 = 0x04d2;
const SEQUENCE: u16 = 7;
/// On its way; a reply starts anew.
const ARRIVED_TTL: u8 = 57;
const DEFAULT_TTL: u8 = 64;

#[derive(Clone, Copy)]
pub enum Family {
    V4,
    V6,
}

/// What a stack copies from the request into its reply, or not.
#[derive(Clone, Copy)]
pub struct Marks {
    tos: u8,
    /// IPv4 only.
    identification: u16,
}

impl Marks {
    pub const ARRIVED: Self = Self { tos: 0x20, identification: 0xbeef };
    pub const NONE: Self = Self { tos: 0, identification: 0 };
}

/// An Echo Request with so many bytes of data.
pub fn request(family: Family, data: usize) -> Vec<u8> {
    match family {
        Family::V4 => v4(THEIRS_V4, OURS_V4, ARRIVED_TTL, 8, data, Marks::ARRIVED),
        Family::V6 => v6(THEIRS_V6, OURS_V6, ARRIVED_TTL, 128, data, Marks::ARRIVED),
    }
}

/// The Echo Reply that it must get.
pub fn reply(family: Family, data: usize, marks: Marks) -> Vec<u8> {
    match family {
        Family::V4 => v4(OURS_V4, THEIRS_V4, DEFAULT_TTL, 0, data, marks),
        Family::V6 => v6(OURS_V6, THEIRS_V6, DEFAULT_TTL, 129, data, marks),
    }
}

fn v4(source: Ipv4Addr, destination: Ipv4Addr, ttl: u8, kind: u8, data: usize, marks: Marks) -> Vec<u8> {
    let total = be(20 + 8 + data);
    let [id, fragment] = [marks.identification, 0x4000].map(u16::to_be_bytes);
    let start = [0x45, marks.tos, total[0], total[1], id[0], id[1], fragment[0], fragment[1], ttl, 1, 0, 0];
    let mut packet = [&start[..], &source.octets(), &destination.octets()].concat();
    let sum = checksum(&packet);
    packet[10..12].copy_from_slice(&sum);
    packet.extend(echo(kind, &[], data));
    packet
}

fn v6(source: Ipv6Addr, destination: Ipv6Addr, hop_limit: u8, kind: u8, data: usize, marks: Marks) -> Vec<u8> {
    let length = be(8 + data);
    let start = [0x60 | marks.tos >> 4, marks.tos << 4, 0, 0, length[0], length[1], 58, hop_limit];
    let addresses = [source.octets(), destination.octets()].concat();
    // The pseudo-header of RFC 8200 8.1.
    let pseudo_header = [&addresses[..], &[0, 0], &length, &[0, 0, 0, 58]].concat();
    [&start[..], &addresses, &echo(kind, &pseudo_header, data)].concat()
}

fn echo(kind: u8, pseudo_header: &[u8], data: usize) -> Vec<u8> {
    let payload: Vec<u8> = (0_u8..=255).map(|i| i.wrapping_mul(7)).cycle().take(data).collect();
    let start = [[kind, 0], [0, 0], IDENTIFIER.to_be_bytes(), SEQUENCE.to_be_bytes()].concat();
    let mut message = [start, payload].concat();
    let sum = checksum(&[pseudo_header, &message].concat());
    message[2..4].copy_from_slice(&sum);
    message
}

/// That of RFC 1071.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let mut sum: usize =
        bytes.chunks(2).map(|pair| usize::from(pair[0]) << 8 | pair.get(1).map_or(0, |&b| b.into())).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    be(sum ^ 0xffff)
}

fn be(number: usize) -> [u8; 2] {
    u16::try_from(number).expect("16 bits").to_be_bytes()
}
