//! Properties: prefixes read as a plain reference and as C read them, and packets of all kinds are answered as the RFCs
//! and a few lines here say.
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::ffi::CString;
use std::net::IpAddr;

use netstack::{Injected, NicOptions, Prefix, ToPrefix, Verdict};
use netstack_sys as sys;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use wire::{addresses, any_address, checksum, request, Wire};

/// The same cases in every run.
fn check<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, b"netstack, the Rust crate's tests"));
    if let Err(why) = runner.run(strategy, test) {
        panic!("{why}");
    }
}

/// Text that is a prefix, or nearly, or not at all.
fn prefix_text() -> impl Strategy<Value = String> {
    let length = prop_oneof![(0u16..300).prop_map(|length| length.to_string()), "[0-9+-]{0,4}", Just(String::new())];
    let address = (any::<bool>(), any::<[u8; 16]>(), any::<u16>()).prop_map(|(v4, mut bytes, zeros)| {
        for (at, byte) in bytes.iter_mut().enumerate() {
            if zeros >> at & 1 == 1 {
                *byte = 0;
            }
        }
        any_address(v4, bytes).to_string()
    });
    let pieces = prop_oneof![address, "[0-9a-f:.]{0,20}", "[0-9]{1,3}(\\.[0-9]{1,3}){3}"];
    let whole = (pieces, prop_oneof![Just("/"), Just("")], length).prop_map(|(a, slash, l)| {
        if slash.is_empty() {
            a
        } else {
            format!("{a}/{l}")
        }
    });
    let spoiled =
        (whole.clone(), any::<prop::sample::Index>(), prop::char::range(' ', '~')).prop_map(|(mut text, at, with)| {
            let at = at.index(text.len() + 1);
            text.insert(at, with);
            text
        });
    prop_oneof![3 => whole, 1 => spoiled]
}

/// What a prefix is, in other words than the crate's.
fn reference(text: &str) -> Option<(IpAddr, u8)> {
    let parts: Vec<_> = text.split('/').collect();
    let address: IpAddr = parts[0].parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    match parts[..] {
        [_, length] => (0..=most).find(|each| each.to_string() == length).map(|length| (address, length)),
        _ => None,
    }
}

/// What C reads.
fn in_c(text: &str) -> Option<(IpAddr, u8)> {
    let text = CString::new(text).unwrap();
    // SAFETY: plain numbers, the text ends in 0, the place is there.
    let prefix = unsafe {
        let mut prefix: sys::ns_prefix = std::mem::zeroed();
        (sys::ns_prefix_parse(text.as_ptr(), &raw mut prefix) == sys::NS_OK).then_some(prefix)?
    };
    let address = any_address(prefix.address.family == sys::NS_FAMILY_IPV4, prefix.address.bytes);
    Some((address, u8::try_from(prefix.length).unwrap()))
}

#[test]
fn prefixes_are_read_as_the_reference_and_c_read_them() {
    check(20_000, &prefix_text(), |text| {
        let read = text.parse::<Prefix>().ok().map(|prefix| (prefix.address(), prefix.length()));
        prop_assert_eq!(read, reference(&text), "{}", text);
        prop_assert_eq!(read, in_c(&text), "{}", text);
        Ok(())
    });
}

#[test]
fn prefixes_are_written_so_that_they_are_read_again() {
    check(5_000, &(any::<bool>(), any::<[u8; 16]>(), 0..=128u8), |(v4, bytes, length)| {
        let address = any_address(v4, bytes);
        let made = Prefix::new(address, length);
        prop_assert_eq!(made.is_ok(), length <= if v4 { 32 } else { 128 });
        if let Ok(prefix) = made {
            prop_assert_eq!((prefix.address(), prefix.length()), (address, length));
            prop_assert_eq!(prefix.to_string().parse::<Prefix>().unwrap(), prefix);
            prop_assert_eq!(prefix.to_string(), format!("{address}/{length}"));
        }
        prop_assert_eq!(Prefix::from(address), address.to_string().to_subnet().unwrap());
        Ok(())
    });
}

/// Echo requests in order, and such with bytes changed, put in, cut off; and any bytes at all.
fn packets() -> impl Strategy<Value = Vec<u8>> {
    let destinations = prop::sample::select(vec![
        "192.168.0.1",
        "192.168.0.99",
        "192.168.0.255",
        "224.0.0.1",
        "10.9.9.9",
        "a::1",
        "a::99",
        "ff02::1",
        "ff05::77",
    ]);
    let echo = (destinations, vec(any::<u8>(), 0..64), any::<[u16; 2]>(), any::<[u8; 3]>(), 0u32..1 << 20);
    let whole = echo.prop_map(|(destination, payload, [identifier, sequence], [ttl, tos, code], flow_label)| {
        wire::Echo { code, identifier, sequence, payload, ttl, tos, flow_label, ..request(destination) }
    });
    let change = (any::<prop::sample::Index>(), any::<u8>(), any::<bool>());
    let changed = (whole.clone(), vec(change, 0..3), 0usize..80, prop::bool::weighted(0.3), vec(any::<u8>(), 0..8));
    let changed = changed.prop_map(|(echo, changes, cut, cuts, padding)| {
        let mut packet = echo.build();
        for (at, with, right_sums) in changes {
            let at = at.index(packet.len());
            packet[at] = with;
            if right_sums {
                set_sums(&mut packet);
            }
        }
        if cuts {
            packet.truncate(packet.len().saturating_sub(cut));
        }
        packet.extend(padding);
        packet
    });
    prop_oneof![2 => whole.prop_map(|echo| echo.build()), 6 => changed, 1 => vec(any::<u8>(), 0..120)]
}

/// So that a change is not seen by its checksums alone.
fn set_sums(packet: &mut [u8]) {
    if packet[0] == 0x45 && packet.len() >= 28 {
        packet[10..12].fill(0);
        let sum = checksum(&[&packet[..20]]);
        packet[10..12].copy_from_slice(&sum.to_be_bytes());
        let end = usize::from(u16::from_be_bytes([packet[2], packet[3]])).clamp(28, packet.len());
        packet[22..24].fill(0);
        let sum = checksum(&[&packet[20..end]]);
        packet[22..24].copy_from_slice(&sum.to_be_bytes());
    } else if packet[0] >> 4 == 6 && packet.len() >= 48 {
        let end = (40 + usize::from(u16::from_be_bytes([packet[4], packet[5]]))).clamp(48, packet.len());
        packet[42..44].fill(0);
        let sum = checksum(&[&packet[8..40], &pseudo(end - 40), &packet[40..end]]);
        packet[42..44].copy_from_slice(&sum.to_be_bytes());
    }
}

fn pseudo(length: usize) -> [u8; 8] {
    let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
    [0, 0, high, low, 0, 0, 0, 58]
}

/// The answer of a NIC that is promiscuous, with a handler that replies to everything; `Err`: this reference does not
/// know (options, extension headers, fragments, other protocols).
fn answer(packet: &[u8]) -> Result<Option<Vec<u8>>, ()> {
    match packet.first().map(|first| first >> 4) {
        Some(4) => answer4(packet),
        Some(6) => answer6(packet),
        _ => Ok(None),
    }
}

fn answer4(packet: &[u8]) -> Result<Option<Vec<u8>>, ()> {
    let Some(total) = packet.get(2..4).map(|bytes| usize::from(u16::from_be_bytes([bytes[0], bytes[1]]))) else {
        return Ok(None);
    };
    if packet[0] != 0x45 || packet.get(9).is_some_and(|&protocol| protocol != 1) {
        return Err(());
    }
    if packet.len() < 20 || total < 28 || total > packet.len() || checksum(&[&packet[..20]]) != 0 {
        return Ok(None);
    }
    if u16::from_be_bytes([packet[6], packet[7]]) & 0xbfff != 0 {
        return Err(());
    }
    let (source, destination) = (&packet[12..16], &packet[16..20]);
    let message = &packet[20..total];
    if message[0] != 8 || checksum(&[message]) != 0 {
        return Ok(None);
    }
    let from = match destination {
        [224, 0, 0, 1] | [192, 168, 0, 255] | [255, 255, 255, 255] => &[192, 168, 0, 1],
        [0 | 127 | 224..=239, ..] => return Ok(None),
        unicast => unicast,
    };
    if matches!(source, [0 | 127 | 224..=255, ..] | [192, 168, 0, 255 | 0]) {
        return Err(());
    }
    let mut reply = packet[..total].to_vec();
    reply[8] = 64;
    reply[12..16].copy_from_slice(from);
    reply[16..20].copy_from_slice(source);
    reply[20] = 0;
    set_sums(&mut reply);
    Ok(Some(reply))
}

fn answer6(packet: &[u8]) -> Result<Option<Vec<u8>>, ()> {
    if packet.len() < 40 {
        return Ok(None);
    }
    let length = usize::from(u16::from_be_bytes([packet[4], packet[5]]));
    if packet.len() < 40 + length {
        return Ok(None);
    }
    if packet[6] != 58 {
        return Err(());
    }
    let (source, destination) = (&packet[8..24], &packet[24..40]);
    let message = &packet[40..40 + length];
    if length < 8 || message[0] != 128 || checksum(&[&packet[8..40], &pseudo(length), message]) != 0 {
        return Ok(None);
    }
    let from = match destination[..2] {
        [0xff, _]
            if matches!(
                any_address(false, destination.try_into().unwrap()).to_string().as_str(),
                "ff02::1" | "ff02::1:ff00:1" | "ff01::1"
            ) =>
        {
            let mut ours = [0; 16];
            (ours[1], ours[15]) = (0x0a, 1);
            ours
        }
        [0xff, _] => return Ok(None),
        [0 | 0xfe, _] => return Err(()),
        _ => destination.try_into().unwrap(),
    };
    if matches!(source[0], 0xff | 0xfe) || source[..15].iter().all(|&byte| byte == 0) {
        return Err(());
    }
    let mut reply = packet[..40 + length].to_vec();
    (reply[1], reply[2], reply[3], reply[7]) = (reply[1] & 0xf0, 0, 0, 64);
    reply[8..24].copy_from_slice(&from);
    reply[24..40].copy_from_slice(source);
    reply[40] = 129;
    set_sums(&mut reply);
    Ok(Some(reply))
}

fn answers_as_the_reference(wire: &Wire, packet: &[u8]) -> Result<(), TestCaseError> {
    prop_assert_eq!(wire.link.inject(packet).unwrap(), Injected::Taken);
    let sent: Vec<_> = wire.link.drain().collect();
    match answer(packet) {
        Ok(answer) => prop_assert_eq!(sent, answer.into_iter().collect::<Vec<_>>(), "{:02x?}", packet),
        Err(()) => prop_assert!(sent.len() <= 1),
    }
    Ok(())
}

#[test]
fn packets_of_all_kinds_are_answered_as_the_reference_answers() {
    let wire = Wire::nic(addresses().promiscuous());
    wire.on_echo(|each| {
        let _ = (each.payload().len(), each.packet().len(), format!("{each:?}"));
        each.reply().map_or(Verdict::Declined, |()| Verdict::Consumed)
    });
    check(20_000, &packets(), |packet| answers_as_the_reference(&wire, &packet));
}

/// The reference is not so cautious that it says nothing.
#[test]
fn reference_knows_most_packets() {
    let known = std::cell::Cell::new([0, 0, 0]);
    check(2_000, &packets(), |packet| {
        let mut counts = known.get();
        counts[match answer(&packet) {
            Ok(Some(_)) => 0,
            Ok(None) => 1,
            Err(()) => 2,
        }] += 1;
        known.set(counts);
        Ok(())
    });
    let [answered, silent, unknown] = known.get();
    assert!(answered > 600 && silent > 300 && unknown < 400, "{answered}, {silent}, {unknown}");
}

#[test]
fn packets_are_unclaimed_or_taken_and_never_changed() {
    let wire = Wire::nic(NicOptions::new().promiscuous().side_by_side());
    wire.on_echo(|each| {
        let kept = each.keep().unwrap();
        assert_eq!((kept.as_ref(), kept.payload()), (each.packet(), each.payload()));
        assert_eq!(each.length(), each.packet().len());
        Verdict::Consumed
    });
    check(5_000, &packets(), |packet| {
        let copy = packet.clone();
        let outcome = wire.link.inject(&packet).unwrap();
        prop_assert_eq!(wire.link.read(), None);
        prop_assert_eq!(&packet, &copy);
        if let Ok(Some(_)) = answer(&packet) {
            let unicast = packet[0] >> 4 == 4 && packet[16] < 224 && packet[16..][..4] != [192, 168, 0, 255];
            if unicast {
                prop_assert_eq!(outcome, Injected::Taken);
            }
        }
        Ok(())
    });
}
