//! smoltcp behind three C functions, for the bench in C++.

mod echo;

use std::slice::from_raw_parts;

use echo::Echo;

/// An interface with one address of 4 or 16 bytes; NULL where that is none.
///
/// # Safety
/// `address` points at `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn smoltcp_echo_new(address: *const u8, length: usize) -> *mut Echo {
    let bytes = unsafe { from_raw_parts(address, length) };
    let address = if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        std::net::IpAddr::from(v4)
    } else if let Ok(v6) = <[u8; 16]>::try_from(bytes) {
        v6.into()
    } else {
        return std::ptr::null_mut();
    };
    Box::into_raw(Box::new(Echo::new(address.into())))
}

/// Deals with one packet. Returns the reply's length, 0 for none; `reply`
/// receives where it is, until the next call.
///
/// # Safety
/// `echo` came from `smoltcp_echo_new`, `request` points at `length` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn smoltcp_echo_one(
    echo: *mut Echo,
    request: *const u8,
    length: usize,
    reply: *mut *const u8,
) -> usize {
    let answer = unsafe { (*echo).one(from_raw_parts(request, length)) };
    unsafe { *reply = answer.as_ptr() };
    answer.len()
}

/// # Safety
/// `echo` came from `smoltcp_echo_new` and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn smoltcp_echo_free(echo: *mut Echo) {
    drop(unsafe { Box::from_raw(echo) });
}
