//! The bindings against the library that is linked.

use std::collections::BTreeSet;
use std::ffi::{c_void, CStr};
use std::mem::{size_of, zeroed};
use std::ptr;

use netstack_sys as sys;

/// The library fills in its own idea of a struct's size, so these differ when it was compiled from another layout.
macro_rules! options_are_as_the_library_knows_them {
    ($($test:ident: $options:ty, $init:path;)*) => {
        $(
            #[test]
            fn $test() {
                // SAFETY: plain numbers and pointers, for which all 0 will do; the place is there.
                let options = unsafe {
                    let mut options: $options = zeroed();
                    $init(&mut options, size_of::<$options>());
                    options
                };
                assert_eq!(options.struct_size as usize, size_of::<$options>());
            }
        )*
    };
}

options_are_as_the_library_knows_them! {
    stack_options: sys::ns_stack_options, sys::ns_stack_options_init;
    nic_options: sys::ns_nic_options, sys::ns_nic_options_init;
    clock_options: sys::ns_clock_options, sys::ns_clock_options_init;
    forwarder_options: sys::ns_icmp_forwarder_options, sys::ns_icmp_forwarder_options_init;
    channel_options: sys::ns_link_channel_options, sys::ns_link_channel_options_init;
    callback_link_options: sys::ns_link_callback_options, sys::ns_link_callback_options_init;
    fd_options: sys::ns_link_fd_options, sys::ns_link_fd_options_init;
    tun_options: sys::ns_link_tun_options, sys::ns_link_tun_options_init;
    ping_options: sys::ns_ping_options, sys::ns_ping_options_init;
    ping_socket_options: sys::ns_ping_socket_options, sys::ns_ping_socket_options_init;
    raw_socket_options: sys::ns_raw_socket_options, sys::ns_raw_socket_options_init;
}

fn text(pointer: *const std::ffi::c_char) -> &'static str {
    // SAFETY: a string of the library, valid for ever.
    unsafe { CStr::from_ptr(pointer) }.to_str().expect("ASCII")
}

#[test]
fn one_version_of_crate_headers_and_library() {
    assert_eq!(sys::NS_VERSION_STRING.to_str(), Ok(env!("CARGO_PKG_VERSION")));
    // SAFETY: they touch no state.
    unsafe {
        assert_eq!(text(sys::ns_version_string()), env!("CARGO_PKG_VERSION"));
        assert_eq!(sys::ns_abi_version(), sys::NS_ABI_VERSION);
    }
    assert_eq!(sys::NS_ABI_VERSION, sys::NS_VERSION_MAJOR << 16 | sys::NS_VERSION_MINOR);
}

#[test]
fn statuses_have_the_names_that_the_library_gives_them() {
    let statuses = [
        (sys::NS_OK, "NS_OK"),
        (sys::NS_UNCLAIMED, "NS_UNCLAIMED"),
        (sys::NS_ERR_INVALID_ARGUMENT, "NS_ERR_INVALID_ARGUMENT"),
        (sys::NS_ERR_NO_MEMORY, "NS_ERR_NO_MEMORY"),
        (sys::NS_ERR_EXPIRED, "NS_ERR_EXPIRED"),
        (sys::NS_ERR_NOT_REPLYABLE, "NS_ERR_NOT_REPLYABLE"),
        (sys::NS_ERR_NO_ROUTE, "NS_ERR_NO_ROUTE"),
        (sys::NS_ERR_LIMITED, "NS_ERR_LIMITED"),
        (sys::NS_ERR_BUSY, "NS_ERR_BUSY"),
        (sys::NS_ERR_UNSUPPORTED, "NS_ERR_UNSUPPORTED"),
        (sys::NS_ERR_TOO_SMALL, "NS_ERR_TOO_SMALL"),
        (sys::NS_ERR_NOT_FOUND, "NS_ERR_NOT_FOUND"),
        (sys::NS_ERR_CLOSED, "NS_ERR_CLOSED"),
        (sys::NS_ERR_ANSWERED, "NS_ERR_ANSWERED"),
        (sys::NS_ERR_TIMED_OUT, "NS_ERR_TIMED_OUT"),
        (sys::NS_ERR_WOULD_BLOCK, "NS_ERR_WOULD_BLOCK"),
        (sys::NS_ERR_INTERNAL, "NS_ERR_INTERNAL"),
    ];
    for (status, name) in statuses {
        // SAFETY: it touches no state.
        assert_eq!(text(unsafe { sys::ns_status_name(status) }), name);
    }
}

#[test]
fn every_exported_function_has_a_declaration() {
    let exported = include_str!("../capi/netstack.map");
    let exported: BTreeSet<&str> = exported
        .lines()
        .filter_map(|line| line.trim().strip_suffix(';').filter(|name| name.starts_with("ns_")))
        .collect();
    let declared = include_str!("../src/bindings.rs");
    let declared: BTreeSet<&str> =
        declared.lines().filter_map(|line| line.strip_prefix("    pub fn ")?.split('(').next()).collect();
    assert!(exported.len() > 50, "{exported:?}");
    assert_eq!(exported, declared);
}

/// 192.0.2.1 asks 10.7.0.1; identifier 1, sequence 2, no data.
const REQUEST: [u8; 28] =
    [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0xae, 0xd8, 192, 0, 2, 1, 10, 7, 0, 1, 8, 0, 0xf7, 0xfc, 0, 1, 0, 2];

unsafe extern "C" fn on_echo(user_data: *mut c_void, request: sys::ns_request) -> sys::ns_verdict {
    // SAFETY: the place is there, and any number will do for a request.
    unsafe {
        let mut info: sys::ns_packet_info = zeroed();
        sys::ns_request_get_info(request, &mut info, size_of::<sys::ns_packet_info>());
        *user_data.cast() = info;
        assert_eq!(sys::ns_request_reply(request), sys::NS_OK);
    }
    sys::NS_VERDICT_CONSUMED
}

#[test]
fn a_handler_answers_by_the_c_abi_alone() {
    // SAFETY: every place is there for its call, and what is made is freed once.
    unsafe {
        let mut seen: sys::ns_packet_info = zeroed();
        let mut stack = ptr::null_mut();
        let mut wire = ptr::null_mut();
        let mut forwarder = ptr::null_mut();
        let nothing = ptr::null_mut();
        assert_eq!(sys::ns_stack_new(ptr::null(), &mut stack, nothing), sys::NS_OK);
        assert_eq!(sys::ns_link_channel_new(ptr::null(), &mut wire, nothing), sys::NS_OK);
        assert_eq!(sys::ns_stack_add_nic(stack, 1, wire, ptr::null(), nothing), sys::NS_OK);
        assert_eq!(sys::ns_stack_add_local_prefix(stack, 1, c"10.7.0.0/16".as_ptr(), nothing), sys::NS_OK);
        let user_data = (&raw mut seen).cast();
        let made = sys::ns_icmp_forwarder_new(ptr::null(), Some(on_echo), user_data, None, &mut forwarder, nothing);
        assert_eq!(made, sys::NS_OK);
        assert_eq!(sys::ns_stack_set_icmp_forwarder(stack, sys::NS_FAMILY_ANY, forwarder, nothing), sys::NS_OK);

        assert_eq!(sys::ns_link_inject(wire, REQUEST.as_ptr(), REQUEST.len()), sys::NS_OK);
        let mut reply = [0_u8; 64];
        let mut length = 0;
        assert_eq!(sys::ns_link_read(wire, reply.as_mut_ptr(), reply.len(), &mut length), sys::NS_OK);
        assert_eq!(length, REQUEST.len());
        assert_eq!(reply[12..20], [10, 7, 0, 1, 192, 0, 2, 1], "from what was asked, to who asked");
        assert_eq!(reply[20], 0, "an Echo Reply");

        sys::ns_icmp_forwarder_free(forwarder);
        sys::ns_link_free(wire);
        sys::ns_stack_free(stack);
        assert_eq!(seen.destination.bytes[..4], [10, 7, 0, 1]);
        assert_eq!((seen.nic, seen.identifier, seen.sequence, seen.ttl), (1, 1, 2, 64));
        assert_eq!((seen.type_, seen.code, seen.length), (8, 0, 28));
        assert_eq!(seen.flags, sys::NS_PACKET_TEMPORARY);
    }
}
