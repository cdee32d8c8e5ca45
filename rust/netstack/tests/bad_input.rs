//! Values that make no sense: the variant and the exact sentence, and all is as it was.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::net::IpAddr;

use netstack::{
    CallbackLink, Channel, ChannelOptions, Error, Family, FdLink, Injected, Nic, NicOptions, PacketInformation, Prefix,
    Result, Route, Stack, StackOptions, ToPrefix, Tun, TunOptions,
};
use wire::{addresses, ip, ours, request, Wire, BOTH};

fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}

fn untouched(wire: &Wire) {
    let ids: Vec<_> = wire.stack.nics().iter().map(Nic::id).collect();
    assert_eq!(ids, [1]);
    for family in BOTH {
        assert_eq!(wire.answers(&request(ours(family))), 1);
    }
    assert!(wire.send(&request("10.0.0.1")).is_empty());
    assert!(wire.send(&request("10.7.0.9")).is_empty());
}

fn variant(error: &Error) -> &'static str {
    match error {
        Error::InvalidArgument(_) => "InvalidArgument",
        Error::Busy(_) => "Busy",
        Error::NotFound(_) => "NotFound",
        Error::Unsupported(_) => "Unsupported",
        Error::Closed(_) => "Closed",
        _ => "another",
    }
}

type Call = fn(&Wire) -> Result<()>;

fn refused(table: &[(Call, &str, &str)]) {
    let wire = Wire::new();
    let mut others = Vec::new();
    for (at, (call, kind, text)) in table.iter().enumerate() {
        match call(&wire) {
            Ok(()) => others.push(format!("call {at} was taken, not {text:?}")),
            Err(why) if (variant(&why), &*why.to_string()) == (*kind, *text) => {}
            Err(why) => others.push(format!("call {at}: {} {why}", variant(&why))),
        }
        untouched(&wire);
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

fn add(wire: &Wire, options: NicOptions) -> Result<()> {
    wire.stack.add_nic(Channel::new()?, options).map(drop)
}

fn add_address(wire: &Wire, text: &str) -> Result<()> {
    wire.the_nic().add_addresses(&[prefix("10.0.0.1/24"), text.to_subnet()?])
}

fn add_prefix(wire: &Wire, text: &str) -> Result<()> {
    wire.the_nic().add_local_prefixes(&[prefix("10.7.0.0/16"), prefix(text)])
}

fn add_route(wire: &Wire, destination: &str, gateway: Option<&str>, nic: u32) -> Result<()> {
    let route = Route { destination: prefix(destination), gateway: gateway.map(ip), nic };
    let good = Route { destination: prefix("172.16.0.0/12"), gateway: None, nic: 1 };
    let outcome = wire.stack.add_routes(&[good, route]);
    // All or none: the good one was not added.
    assert!(outcome.is_err() && matches!(wire.stack.remove_routes(&[good]), Err(Error::NotFound(_))));
    outcome
}

#[test]
fn stacks() {
    refused(&[
        (
            |_| Stack::with(StackOptions::new().default_ttl(0)).map(drop),
            "InvalidArgument",
            "default_ttl: 0 is not from 1 to 255",
        ),
        (
            |_| Stack::with(StackOptions::new().default_hop_limit(0)).map(drop),
            "InvalidArgument",
            "default_hop_limit: 0 is not from 1 to 255",
        ),
        (
            |_| Stack::with(StackOptions::new().reassembly_bounds(0, 0)).map(drop),
            "InvalidArgument",
            "reassembly_bounds(0, 0): high is from 1 on, and low from 0 to high",
        ),
        (
            |_| Stack::with(StackOptions::new().reassembly_bounds(1000, 1001)).map(drop),
            "InvalidArgument",
            "reassembly_bounds(1000, 1001): high is from 1 on, and low from 0 to high",
        ),
        (
            |wire| wire.stack.set_icmp_limited(Family::Any, 3, true),
            "InvalidArgument",
            "Family::Any: a type is one of IPv4 or of IPv6",
        ),
        (
            |wire| wire.stack.set_icmp_limited(Family::V4, 8, true),
            "InvalidArgument",
            "type is 8; what can be limited are ICMP errors (IPv4: 3, 4, 5, 11, 12; IPv6: 1 to 127) and Echo Replies (IPv4: 0; IPv6: 129)",
        ),
        (|wire| wire.stack.run(), "Unsupported", "this stack's clock has no wait function, so the stack can't wait for time to pass; give the clock one, or call poll from a loop of your own"),
    ]);
}

#[test]
fn links() {
    refused(&[
        (|_| Channel::with_mtu(0).map(drop), "InvalidArgument", "an MTU of 0 bytes is not from 1 to 65535"),
        (|_| Channel::with_mtu(65536).map(drop), "InvalidArgument", "an MTU of 65536 bytes is not from 1 to 65535"),
        (
            |_| Channel::with(ChannelOptions::new().capacity(0)).map(drop),
            "InvalidArgument",
            "a capacity of 0 packets is not from 1 to 65536",
        ),
        (
            |_| Channel::with(ChannelOptions::new().capacity(65_537)).map(drop),
            "InvalidArgument",
            "a capacity of 65537 packets is not from 1 to 65536",
        ),
        (
            |_| CallbackLink::new(Some(0), |_| Ok(())).map(drop),
            "InvalidArgument",
            "an MTU of 0 bytes is not from 1 to 65535",
        ),
        (
            |_| CallbackLink::new(Some(65_536), |_| Ok(())).map(drop),
            "InvalidArgument",
            "an MTU of 65536 bytes is not from 1 to 65535",
        ),
        (
            |_| FdLink::new(std::io::stdin(), Some(0), PacketInformation::None).map(drop),
            "InvalidArgument",
            "an MTU of 0 bytes is not from 1 to 65535",
        ),
        (
            |_| FdLink::new(std::io::stdin(), Some(65_536), PacketInformation::None).map(drop),
            "InvalidArgument",
            "an MTU of 65536 bytes is not from 1 to 65535",
        ),
        (
            |_| Tun::open("").map(drop),
            "InvalidArgument",
            "name has 0 characters; a device's name has 1 to 15, such as \"tun0\"",
        ),
        (|_| Tun::open("zero\0").map(drop), "InvalidArgument", "the name of the device holds a zero byte"),
        (
            |_| Tun::open("sixteen-is-a-lot").map(drop),
            "InvalidArgument",
            "name has 16 characters; a device's name has 1 to 15, such as \"tun0\"",
        ),
        (
            |_| Tun::open("a/b").map(drop),
            "InvalidArgument",
            "name \"a/b\" is no device's name; use letters, digits and signs other than / and :, such as \"tun0\"",
        ),
        (
            |_| Tun::open("..").map(drop),
            "InvalidArgument",
            "name \"..\" is no device's name; use letters, digits and signs other than / and :, such as \"tun0\"",
        ),
        (
            |_| Tun::open("tun%d%d").map(drop),
            "InvalidArgument",
            "name \"tun%d%d\" has a % in it; only one %d may stand there, for the first free number",
        ),
        (
            |_| Tun::with("tun", TunOptions::new().host_address("224.0.0.1/24")).map(drop),
            "InvalidArgument",
            "host address 224.0.0.1/24 is no address of a host; use a unicast address such as 192.0.2.1/24",
        ),
        (
            |_| Tun::with("tun", TunOptions::new().mtu(67)).map(drop),
            "InvalidArgument",
            "mtu is 67; use 68 to 65535, or 0 to leave the device's",
        ),
        (
            |_| Tun::with("tun", TunOptions::new().mtu(65_536)).map(drop),
            "InvalidArgument",
            "an MTU of 65536 bytes is not from 1 to 65535",
        ),
        (
            |_| Tun::with("tun", TunOptions::new().host_address("nowhere").host_address("no")).map(drop),
            "InvalidArgument",
            "\"nowhere\" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64",
        ),
        (|_| Channel::new()?.inject(b"").map(drop), "Closed", "no NIC has this link"),
    ]);
}

#[test]
fn prefixes() {
    for text in [
        "",
        "x",
        "10.0.0",
        "10.0.0.1/",
        "10.0.0.1/+8",
        "10.0.0.1/08",
        "10.0.0.1/-1",
        "10.0.0.1/8/8",
        "10.0.0.1 /8",
        "10.0.0.1\0/8",
        "fe80::1%eth0",
        "10.0.0.1/33",
        "a::1/129",
        "10.0.0.1",
        "a::1",
        "a::1/256",
    ] {
        let why = format!("{text:?} is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64");
        let error = text.parse::<Prefix>().unwrap_err();
        assert_eq!((variant(&error), &*error.to_string()), ("InvalidArgument", &*why));
        assert_eq!(text.to_prefix().unwrap_err().to_string(), why);
        assert_eq!(text.to_owned().to_prefix().unwrap_err().to_string(), why);
    }
    for wrong in [(ip("10.0.0.1"), 33).to_prefix(), Prefix::new(ip("10.0.0.1"), 33)] {
        assert_eq!(wrong.unwrap_err().to_string(), "10.0.0.1/33: the length is not from 0 to 32");
    }
    assert_eq!((ip("10.0.0.1"), 32).to_prefix().unwrap(), Prefix::from(ip("10.0.0.1")));
    assert_eq!(ip("a::1").to_subnet().unwrap(), prefix("a::1/128"));
    assert_eq!(
        ip("a::1").to_prefix().unwrap_err().to_string(),
        "a::1 is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64"
    );
    assert_eq!("a::1".to_owned().to_subnet().unwrap(), prefix("a::1/128"));
    assert_eq!(prefix("a::1/9").to_prefix().unwrap().length(), 9);
}

#[test]
fn prefixes_without_a_length() {
    refused(&[(
        |wire| add(wire, NicOptions::new().local_prefix("10.0.0.1")),
        "InvalidArgument",
        "\"10.0.0.1\" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64",
    )]);
}

#[test]
fn nics() {
    refused(&[
        (|wire| add(wire, NicOptions::new().id(0)), "InvalidArgument", "0 is no NIC: they are numbered from 1 on"),
        (|wire| add(wire, NicOptions::new().id(1)), "Busy", "there is already a NIC 1"),
        (
            |wire| wire.stack.add_nic(&*wire.link, NicOptions::new()).map(drop),
            "Busy",
            "the link already belongs to a NIC",
        ),
        (
            |wire| add(wire, NicOptions::new().address("10.0.0.1/33").address("x").local_prefix("y")),
            "InvalidArgument",
            "\"10.0.0.1/33\" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64",
        ),
        (
            |wire| add(wire, NicOptions::new().local_prefix("y").address("x")),
            "InvalidArgument",
            "\"y\" is not an address with a prefix length, such as 10.7.0.0/16 or fd07::/64",
        ),
        (
            |wire| add(wire, NicOptions::new().address("10.0.0.9").address("224.0.0.1")),
            "InvalidArgument",
            "the address 224.0.0.1/32 is a multicast address; join the group instead",
        ),
        (
            |wire| add(wire, NicOptions::new().local_prefix("10.7.0.1/16")),
            "InvalidArgument",
            "the prefix 10.7.0.1/16 has bits set behind its length; write 10.7.0.0/16",
        ),
        (
            |wire| add_address(wire, "224.0.0.1"),
            "InvalidArgument",
            "the address 224.0.0.1/32 is a multicast address; join the group instead",
        ),
        (
            |wire| add_address(wire, "255.255.255.255"),
            "InvalidArgument",
            "the address 255.255.255.255/32 is the limited broadcast address",
        ),
        (|wire| add_address(wire, "0.0.0.0"), "InvalidArgument", "the address 0.0.0.0/32 is unspecified"),
        (
            |wire| add_address(wire, "::ffff:10.0.0.1"),
            "InvalidArgument",
            "the address ::ffff:10.0.0.1/128 is an IPv4-mapped address; assign the IPv4 address",
        ),
        (|wire| add_address(wire, "::"), "InvalidArgument", "the address ::/128 is unspecified"),
        (
            |wire| add_address(wire, "ff02::1"),
            "InvalidArgument",
            "the address ff02::1/128 is a multicast address; join the group instead",
        ),
        (|wire| add_address(wire, "192.168.0.1/24"), "Busy", "the address 192.168.0.1 is already assigned on NIC 1"),
        (|wire| add_address(wire, "10.0.0.1/8"), "Busy", "the address 10.0.0.1 is already assigned on NIC 1"),
        (
            |wire| wire.the_nic().remove_addresses(&[ip(ours(4)), ip("10.0.0.1")]),
            "NotFound",
            "the address 10.0.0.1 is not assigned on NIC 1",
        ),
        (
            |wire| add_prefix(wire, "10.7.0.1/16"),
            "InvalidArgument",
            "the prefix 10.7.0.1/16 has bits set behind its length; write 10.7.0.0/16",
        ),
        (
            |wire| add_prefix(wire, "a::1/64"),
            "InvalidArgument",
            "the prefix a::1/64 has bits set behind its length; write a::/64",
        ),
        (
            |wire| add_prefix(wire, "224.0.0.0/4"),
            "InvalidArgument",
            "the prefix 224.0.0.0/4 is multicast; join groups instead",
        ),
        (
            |wire| add_prefix(wire, "ff00::/8"),
            "InvalidArgument",
            "the prefix ff00::/8 is multicast; join groups instead",
        ),
        (|wire| add_prefix(wire, "10.7.0.0/16"), "Busy", "the prefix 10.7.0.0/16 is already local on NIC 1"),
        (
            |wire| wire.the_nic().remove_local_prefixes(&[prefix("10.7.0.0/16")]),
            "NotFound",
            "the prefix 10.7.0.0/16 is not local on NIC 1",
        ),
        (
            |wire| wire.the_nic().join_group(ip("10.0.0.1")),
            "InvalidArgument",
            "the group 10.0.0.1 is no multicast address",
        ),
        (|wire| wire.the_nic().join_group(ip("::")), "InvalidArgument", "the group :: is no multicast address"),
        (|wire| wire.the_nic().join_group(ip("a::1")), "InvalidArgument", "the group a::1 is no multicast address"),
        (
            |wire| wire.the_nic().join_group(ip("239.9.9.8")).and_then(|()| wire.the_nic().join_group(ip("239.9.9.8"))),
            "Busy",
            "the group 239.9.9.8 is already joined on NIC 1",
        ),
        (|wire| wire.the_nic().leave_group(ip("239.9.9.9")), "NotFound", "the group 239.9.9.9 was not joined on NIC 1"),
    ]);
}

#[test]
fn routes() {
    refused(&[
        (
            |wire| add_route(wire, "10.0.0.1/8", None, 1),
            "InvalidArgument",
            "the route 10.0.0.1/8 over NIC 1: the destination has bits set behind its prefix; write 10.0.0.0/8",
        ),
        (
            |wire| add_route(wire, "10.0.0.0/8", Some("a::1"), 1),
            "InvalidArgument",
            "routes[1]: the gateway is not of the destination's family",
        ),
        (
            |wire| add_route(wire, "a::/16", Some("10.0.0.1"), 1),
            "InvalidArgument",
            "routes[1]: the gateway is not of the destination's family",
        ),
        (
            |wire| add_route(wire, "10.0.0.0/8", Some("224.0.0.1"), 1),
            "InvalidArgument",
            "routes[1]: the gateway is no unicast address",
        ),
        (
            |wire| add_route(wire, "10.0.0.0/8", None, 7),
            "NotFound",
            "the route 10.0.0.0/8 over NIC 7: there is no such NIC",
        ),
        (
            |wire| add_route(wire, "10.0.0.0/8", None, 0),
            "NotFound",
            "the route 10.0.0.0/8 over NIC 0: there is no such NIC",
        ),
        (
            |wire| add_route(wire, "172.16.0.0/12", None, 1),
            "Busy",
            "the route 172.16.0.0/12 over NIC 1 is already there",
        ),
        (
            |wire| {
                let route = Route { destination: prefix("10.0.0.0/8"), gateway: None, nic: 1 };
                wire.stack.remove_routes(&[route])
            },
            "NotFound",
            "the route 10.0.0.0/8 over NIC 1 is not there",
        ),
    ]);
}

/// Whatever comes in is the library's to judge: it is taken, counted, and answered by nothing.
#[test]
fn packets_of_any_size_are_taken() {
    let wire = Wire::new();
    for (at, size) in [0, 1, 19, 20, 39, 40, 1500, 65_535, 65_536, 100_000].into_iter().enumerate() {
        for (first, count) in [(0x45, 2 * at + 1), (0x60, 2 * at + 2)] {
            assert_eq!(wire.link.inject(&vec![first; size]).unwrap(), Injected::Taken);
            assert_eq!(wire.the_nic().counters().unwrap()["rx.packets"], count as u64, "{size} bytes");
            assert_eq!(wire.link.read(), None);
        }
    }
    untouched(&wire);
}

/// Every call on a NIC that is gone says so, also when its number belongs to another since.
#[test]
fn stale_nic_is_never_taken_for_a_later_one() {
    type OfNic = fn(Nic<'_>) -> Result<()>;
    let calls: [OfNic; 13] = [
        |nic| nic.set_disabled(true),
        |nic| nic.set_promiscuous(true),
        |nic| nic.set_spoofing(true),
        |nic| nic.set_forwarding(netstack::Family::Any, true),
        |nic| nic.set_side_by_side(true),
        |nic| nic.add_addresses(&[prefix("10.0.0.1/24")]),
        |nic| nic.remove_addresses(&[ip(ours(4))]),
        |nic| nic.add_local_prefixes(&[prefix("10.7.0.0/16")]),
        |nic| nic.remove_local_prefixes(&[prefix("10.7.0.0/16")]),
        |nic| nic.join_group(ip("239.9.9.9")),
        |nic| nic.leave_group(ip("224.0.0.1")),
        |nic| nic.remove(),
        |nic| nic.add_addresses(&[]),
    ];
    let wire = Wire::new();
    let stale = wire.the_nic();
    stale.remove().unwrap();
    for call in calls {
        assert_eq!(call(stale).unwrap_err().to_string(), "NIC 1 was removed");
    }
    assert!(wire.stack.nic(1).is_none());
    wire.stack.add_nic(&*wire.link, addresses()).unwrap();
    for call in calls {
        let why = call(stale).unwrap_err();
        assert_eq!((variant(&why), &*why.to_string()), ("NotFound", "NIC 1 was removed"));
        untouched(&wire);
    }
    assert_eq!(stale.id(), 1);
}

#[test]
fn numbers_are_the_lowest_that_are_free() {
    let wire = Wire::new();
    let nic = |options| wire.stack.add_nic(Channel::new().unwrap(), options).unwrap().id();
    assert_eq!(nic(NicOptions::new().id(3)), 3);
    assert_eq!(nic(NicOptions::new()), 2);
    assert_eq!(nic(NicOptions::new()), 4);
    assert_eq!(nic(NicOptions::new().id(u32::MAX)), u32::MAX);
    wire.stack.nic(2).unwrap().remove().unwrap();
    assert_eq!(nic(NicOptions::new()), 2);
    let ids: Vec<_> = wire.stack.nics().iter().map(Nic::id).collect();
    assert_eq!(ids, [1, 2, 3, 4, u32::MAX]);
    assert!(wire.stack.nic(0).is_none());
}

#[test]
fn nothing_at_all_is_no_error() {
    let wire = Wire::new();
    let nic = wire.the_nic();
    nic.add_addresses(&[]).unwrap();
    nic.remove_addresses(&[]).unwrap();
    nic.add_local_prefixes(&[]).unwrap();
    nic.remove_local_prefixes(&[]).unwrap();
    wire.stack.add_routes(&[]).unwrap();
    wire.stack.remove_routes(&[]).unwrap();
    untouched(&wire);
}

#[test]
fn routes_say_where_answers_leave() {
    let wire = Wire::with(StackOptions::new().strict_routes(), addresses());
    wire.stack.add_nic(Channel::new().unwrap(), NicOptions::new().address("172.16.0.1/24")).unwrap();
    let mut echo = request(ours(4));
    echo.source = IpAddr::from([10, 9, 9, 9]);
    assert!(wire.send(&echo).is_empty());
    let route = |text: &str, nic| Route { destination: prefix(text), gateway: None, nic };
    // The address that answers is none of NIC 2's.
    wire.stack.add_routes(&[route("10.9.9.0/24", 2)]).unwrap();
    assert!(wire.send(&echo).is_empty());
    let gateway = Some(ip("192.168.0.254"));
    let ways = [route("10.0.0.0/8", 1), Route { gateway, ..route("0.0.0.0/0", 1) }];
    wire.stack.add_routes(&ways).unwrap();
    assert_eq!(wire.answers(&echo), 1);
    wire.stack.remove_routes(&ways[..1]).unwrap();
    assert_eq!(wire.answers(&echo), 1);
    assert!(matches!(wire.stack.remove_routes(&ways), Err(Error::NotFound(_))));
    assert_eq!(wire.answers(&echo), 1);
    wire.stack.remove_routes(&ways[1..]).unwrap();
    assert!(wire.send(&echo).is_empty());
}

#[test]
fn sentences_of_errors_without_one_of_their_own() {
    for (error, text) in [
        (Error::NoMemory, "no memory"),
        (Error::Expired, "the request has expired: its handler has returned, or runs on another thread"),
        (Error::NotReplyable, "not an Echo Request, so there is no reply to it"),
        (Error::Answered, "the request was answered in another way"),
        (Error::TimedOut, "the deadline has passed"),
        (Error::WouldBlock, "nothing there now, or no room"),
        (Error::NoRoute("why".into()), "why"),
        (Error::Limited("why".into()), "why"),
        (Error::Internal("why".into()), "why"),
    ] {
        assert_eq!(error.to_string(), text);
    }
}
