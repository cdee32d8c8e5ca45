//! A crate with C of its own beside it: `src/handler.c`, which includes netstack's headers. They are found by
//! `DEP_NETSTACK_INCLUDE`, see `build.rs`.

use std::ffi::c_void;

use netstack_sys::{ns_request, ns_verdict};

extern "C" {
    /// The handler in C, an `ns_icmp_request_fn`; `user_data` is an `unsigned` that it counts up.
    pub fn answer_all(user_data: *mut c_void, request: ns_request) -> ns_verdict;
    /// What C takes for the size of an info.
    pub fn size_of_packet_info() -> usize;
    /// The version of the headers that C sees.
    pub fn version_of_headers() -> *const std::ffi::c_char;
}

#[cfg(test)]
mod tests {
    use super::*;
    use netstack_sys as sys;

    #[test]
    fn both_languages_see_the_same_headers() {
        // SAFETY: they touch no state; the text is the headers', valid for ever.
        unsafe {
            assert_eq!(size_of_packet_info(), size_of::<sys::ns_packet_info>());
            assert_eq!(std::ffi::CStr::from_ptr(version_of_headers()), sys::NS_VERSION_STRING);
        }
    }

    #[test]
    fn the_handler_in_c_is_one_for_rust() {
        type Handler = unsafe extern "C" fn(*mut c_void, ns_request) -> ns_verdict;
        let handler: Handler = answer_all;
        let _: sys::ns_icmp_request_fn = Some(handler);
        let mut calls = 0_u32;
        // SAFETY: it counts up what it is given; 0 is no request, so its reply is refused.
        let verdict = unsafe { handler((&raw mut calls).cast(), 0) };
        assert_eq!((verdict, calls), (sys::NS_VERDICT_CONSUMED, 1));
    }
}
