//! Random sources: where a stack's unpredictable numbers come from.

use std::ffi::c_void;
use std::ptr;

use netstack_sys as sys;

use crate::callback::{borrow, deliver, destroy, give, guard};
use crate::error::{check, Result};
use crate::version::check_version;

/// A reference to a random source of the library's.
#[derive(Debug)]
pub(crate) struct Random(pub(crate) *mut sys::ns_random);

// SAFETY: the library lets any thread use a source.
unsafe impl Send for Random {}
// SAFETY: as above.
unsafe impl Sync for Random {}

impl Random {
    /// The place for one that the library makes.
    fn nothing() -> Result<Self> {
        check_version()?;
        Ok(Self(ptr::null_mut()))
    }

    pub(crate) fn seeded(seed: u64) -> Result<Self> {
        let mut random = Self::nothing()?;
        // SAFETY: the place is there.
        check(deliver(|| unsafe { sys::ns_random_seeded_new(seed, &raw mut random.0) }))?;
        Ok(random)
    }

    pub(crate) fn from_function<F: Fn() -> u64 + Send + Sync + 'static>(next: F) -> Result<Self> {
        let mut random = Self::nothing()?;
        // SAFETY: the library owns the function from here on.
        check(deliver(|| unsafe {
            sys::ns_random_callback_new(Some(on_next::<F>), give(next), Some(destroy::<F>), &raw mut random.0)
        }))?;
        Ok(random)
    }
}

unsafe extern "C" fn on_next<F: Fn() -> u64>(user_data: *mut c_void) -> u64 {
    // SAFETY: from_function() gave an F.
    guard(0, || unsafe { borrow::<F>(user_data) }())
}

impl Drop for Random {
    fn drop(&mut self) {
        // SAFETY: null or a source that this owns a reference of.
        deliver(|| unsafe { sys::ns_random_free(self.0) });
    }
}
