//! A handler for Echo Requests, written in Rust, for a program in C. cbindgen makes `handler_for_c.h` of this file.
#![allow(non_camel_case_types, reason = "cbindgen takes the names over for C")]

use std::ffi::c_void;
use std::mem::{size_of, zeroed};
use std::sync::atomic::{AtomicU64, Ordering};

use netstack_sys::{self as sys, ns_request, ns_verdict};

/// A network in which the addresses with an odd last byte exist.
#[derive(Default)]
pub struct odd_network {
    answered: AtomicU64,
    silent: AtomicU64,
}

/// How many requests there were so far.
#[repr(C)]
pub struct odd_counts {
    /// To addresses that exist.
    pub answered: u64,
    /// To all others.
    pub silent: u64,
}

/// Makes a network, which the caller gives back to `odd_network_free()`.
#[no_mangle]
pub extern "C" fn odd_network_new() -> *mut odd_network {
    Box::into_raw(Box::default())
}

/// Frees a network: an `ns_destroy_fn`.
///
/// # Safety
/// It came from `odd_network_new()`, and nobody uses it any more.
#[no_mangle]
pub unsafe extern "C" fn odd_network_free(user_data: *mut c_void) {
    // SAFETY: the caller's.
    drop(unsafe { Box::from_raw(user_data.cast::<odd_network>()) });
}

/// The handler: an `ns_icmp_request_fn`, with a network as its `user_data`.
///
/// # Safety
/// `user_data` came from `odd_network_new()` and is not freed.
#[no_mangle]
pub unsafe extern "C" fn odd_network_on_echo(user_data: *mut c_void, request: ns_request) -> ns_verdict {
    // SAFETY: the caller's; any number will do for a request, and all 0 is an info.
    let (network, info) = unsafe {
        let mut info: sys::ns_packet_info = zeroed();
        if sys::ns_request_get_info(request, &mut info, size_of::<sys::ns_packet_info>()) != sys::NS_OK {
            return sys::NS_VERDICT_DECLINED;
        }
        (&*user_data.cast::<odd_network>(), info)
    };
    let last = if info.destination.family == sys::NS_FAMILY_IPV4 { 3 } else { 15 };
    if info.destination.bytes[last] % 2 == 0 {
        network.silent.fetch_add(1, Ordering::Relaxed);
        return sys::NS_VERDICT_CONSUMED;
    }
    network.answered.fetch_add(1, Ordering::Relaxed);
    // SAFETY: any number will do.
    unsafe { sys::ns_request_reply(request) };
    sys::NS_VERDICT_CONSUMED
}

/// What the handler has counted. Any thread may ask.
///
/// # Safety
/// The network came from `odd_network_new()` and is not freed.
#[no_mangle]
pub unsafe extern "C" fn odd_network_get_counts(network: *const odd_network) -> odd_counts {
    // SAFETY: the caller's.
    let network = unsafe { &*network };
    odd_counts { answered: network.answered.load(Ordering::Relaxed), silent: network.silent.load(Ordering::Relaxed) }
}
