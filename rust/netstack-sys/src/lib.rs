//! The C ABI of netstack, a user-space IP stack, as it is. Programs in Rust want the crate `netstack`, which is
//! safe; this one is for what stands beside it: code that exports a handler to C, or calls what `netstack` has not.
//!
//! Every item bears the comment of its C header; the rules that all functions share are in
//! [`netstack/base.h`](https://docs.rs/crate/netstack-sys/latest/source/capi/include/netstack/base.h). Options begin
//! with `struct_size`: have the `_init` function of their type fill them in.
//!
//! ```
//! use std::{mem, ptr};
//!
//! use netstack_sys as sys;
//!
//! let mut stack = ptr::null_mut();
//! // SAFETY: both structs are plain numbers and pointers, for which all 0 will do, and both places are there.
//! unsafe {
//!     let mut options: sys::ns_stack_options = mem::zeroed();
//!     sys::ns_stack_options_init(&mut options, mem::size_of::<sys::ns_stack_options>());
//!     assert_eq!(sys::ns_stack_new(&options, &mut stack, ptr::null_mut()), sys::NS_OK);
//!     sys::ns_stack_free(stack);
//! }
//! ```
//!
//! The build script finds an installed library or builds the sources inside this crate, and tells build scripts of
//! crates that depend on this one where the C headers are, in `DEP_NETSTACK_INCLUDE`; see the crate's README.
#![no_std]
#![allow(non_camel_case_types, reason = "the names of C")]
#![allow(clippy::all, clippy::pedantic, clippy::allow_attributes_without_reason, reason = "generated")]

include!("bindings.rs");

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
