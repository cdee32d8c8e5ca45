//! Functions that the library calls when a queue that was empty has something.

use std::ffi::c_void;

use crate::callback::{borrow, guard};

pub(crate) type Notify = Box<dyn Fn() + Send + Sync>;

pub(crate) unsafe extern "C" fn on_notify(user_data: *mut c_void) {
    // SAFETY: those who register this gave a Notify.
    guard((), || unsafe { borrow::<Notify>(user_data) }());
}
