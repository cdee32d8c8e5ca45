//! Handler and loop in C, all beneath one call of Rust's: the one that the bench in Go has, too.

use std::ffi::{CString, c_char, c_int};
use std::ptr::NonNull;
use std::time::Duration;

// For the library that c_stack calls.
use netstack_sys as _;

use crate::contestant::{Contestant, Handler};
use crate::packet::{OURS_V4, OURS_V6};

#[repr(C)]
struct CStack {
    _opaque: [u8; 0],
}

unsafe extern "C" {
    fn c_stack_new(handler: c_int, address4: *const c_char, address6: *const c_char) -> *mut CStack;
    fn c_stack_echoes(
        stack: *mut CStack,
        request: *const u8,
        length: usize,
        count: u64,
        reply: *mut u8,
        capacity: usize,
    ) -> usize;
    fn c_stack_calls(stack: *const CStack) -> u64;
    safe fn cpu_time() -> u64;
}

pub struct InC(NonNull<CStack>);

impl InC {
    pub fn new(handler: Handler) -> Self {
        let [v4, v6] = [format!("{OURS_V4}/16"), format!("{OURS_V6}/64")].map(|text| CString::new(text).expect("text"));
        // SAFETY: these are texts, and handlers have one order here and there.
        let stack = unsafe { c_stack_new(handler as c_int, v4.as_ptr(), v6.as_ptr()) };
        Self(NonNull::new(stack).expect("a stack"))
    }
}

impl Contestant for InC {
    fn echoes(&mut self, request: &[u8], count: u32, reply: &mut [u8]) -> usize {
        // SAFETY: the stack stays until the process ends, and the bytes are there.
        unsafe {
            c_stack_echoes(
                self.0.as_ptr(),
                request.as_ptr(),
                request.len(),
                count.into(),
                reply.as_mut_ptr(),
                reply.len(),
            )
        }
    }

    fn calls(&self) -> u64 {
        // SAFETY: as above.
        unsafe { c_stack_calls(self.0.as_ptr()) }
    }
}

/// CPU time of the whole process.
pub fn cpu_now() -> Duration {
    Duration::from_nanos(cpu_time())
}
