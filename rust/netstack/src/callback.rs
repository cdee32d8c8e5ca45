//! What becomes of a panic in a callback: it waits in the call beneath which the callback ran, and resumes from
//! there. Nothing unwinds through C.

use std::any::Any;
use std::cell::Cell;
use std::mem::forget;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::ptr;

use netstack_sys as sys;

use crate::error::Error;
use crate::trace::event;

/// One call of ours beneath which callbacks may run, on the stack of the thread that makes it.
struct Frame {
    outer: *mut Frame,
    /// Whether what the library is done with waits for the end of the call.
    keeps: bool,
    /// What waits for it. Few calls have anything, and the others pay for a pointer.
    waiting: Option<Box<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    /// Of the first panic.
    payload: Option<Box<dyn Any + Send>>,
    /// What a wait failed with.
    error: Option<Error>,
    /// What the library was done with.
    done: Vec<Box<dyn Any>>,
}

thread_local! {
    static INNERMOST: Cell<*mut Frame> = const { Cell::new(ptr::null_mut()) };
}

impl Frame {
    #[inline]
    fn new(keeps: bool) -> Self {
        Self { outer: INNERMOST.get(), keeps, waiting: None }
    }

    fn waiting(&mut self) -> &mut Waiting {
        self.waiting.get_or_insert_with(Box::default)
    }
}

/// Also where the call unwinds: it makes Rust code of the user's run, too.
impl Drop for Frame {
    #[inline]
    fn drop(&mut self) {
        INNERMOST.set(self.outer);
    }
}

/// Makes a call of the library beneath which callbacks may run. What it returns must own what it got, since a
/// panic drops it.
#[inline]
pub(crate) fn deliver<R>(call: impl FnOnce() -> R) -> R {
    deliver_in(false, call)
}

/// As [`deliver`], for a call that takes a lock of ours: what the library is done with meanwhile is dropped when the
/// call is over, since dropping it may run code that wants the lock.
pub(crate) fn deliver_locking<R>(call: impl FnOnce() -> R) -> R {
    deliver_in(true, call)
}

#[inline]
fn deliver_in<R>(keeps: bool, call: impl FnOnce() -> R) -> R {
    let mut frame = Frame::new(keeps);
    INNERMOST.set(&raw mut frame);
    let result = call();
    let waiting = frame.waiting.take();
    drop(frame);
    match waiting {
        None => result,
        Some(waiting) => settle(waiting, result),
    }
}

/// What a call leaves to do when it is over.
#[cold]
#[allow(clippy::boxed_local, reason = "each call has less code")]
fn settle<R>(waiting: Box<Waiting>, result: R) -> R {
    let mut payload = waiting.payload;
    for value in waiting.done {
        if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
            match payload {
                None => payload = Some(another),
                Some(_) => discard(another),
            }
        }
    }
    if let Some(payload) = payload {
        drop(result);
        event!(ERROR, "a callback panicked");
        resume_unwind(payload);
    }
    result
}

/// Runs a callback's code; `failed` is what C is told if it panics. A panic beneath no call of ours has nowhere
/// to go, and ends the process.
#[inline]
pub(crate) fn guard<R>(failed: R, code: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(code)).unwrap_or_else(|payload| {
        keep(payload);
        failed
    })
}

/// Of several panics the first resumes. What the drop of another one's payload panics with is nobody's.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        forget(another);
    }
}

#[cold]
fn keep(payload: Box<dyn Any + Send>) {
    let frame = INNERMOST.get();
    if frame.is_null() {
        std::process::abort();
    }
    // SAFETY: the innermost frame is alive while the call that made it is under way, on this thread.
    let waiting = unsafe { (*frame).waiting() };
    match waiting.payload {
        None => waiting.payload = Some(payload),
        Some(_) => discard(payload),
    }
}

/// Whether a callback beneath the innermost call has panicked: then a wait ends.
pub(crate) fn panicked() -> bool {
    let frame = INNERMOST.get();
    // SAFETY: as above.
    !frame.is_null() && unsafe { (*frame).waiting.as_ref().is_some_and(|waiting| waiting.payload.is_some()) }
}

/// Keeps an error for [`parked`], beneath the same call; what C is told of it.
pub(crate) fn park(error: Error) -> sys::ns_status {
    let status = error.status();
    let frame = INNERMOST.get();
    if !frame.is_null() {
        // SAFETY: as above.
        unsafe { (*frame).waiting().error = Some(error) };
    }
    status
}

/// The error that was kept beneath the innermost call.
pub(crate) fn parked() -> Option<Error> {
    let frame = INNERMOST.get();
    // SAFETY: as above.
    (!frame.is_null()).then(|| unsafe { (*frame).waiting.as_mut()?.error.take() }).flatten()
}

/// Hands a value over to the library, which gives it back to [`destroy`].
pub(crate) fn give<T>(value: T) -> *mut std::ffi::c_void {
    Box::into_raw(Box::new(value)).cast()
}

/// The library is done with the value.
pub(crate) unsafe extern "C" fn destroy<T: 'static>(user_data: *mut std::ffi::c_void) {
    // SAFETY: it came from give::<T>(), and comes here once.
    let value = unsafe { Box::from_raw(user_data.cast::<T>()) };
    let frame = INNERMOST.get();
    // SAFETY: as in keep().
    match (!frame.is_null()).then(|| unsafe { &mut *frame }) {
        Some(frame) if frame.keeps => frame.waiting().done.push(value),
        _ => guard((), || drop(value)),
    }
}

/// The value behind a callback's `user_data`.
///
/// # Safety
/// It came from `give::<T>()` and is not destroyed before the callback returns.
pub(crate) unsafe fn borrow<'a, T>(user_data: *mut std::ffi::c_void) -> &'a T {
    // SAFETY: the caller's.
    unsafe { &*user_data.cast::<T>() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(result: Result<(), Box<dyn Any + Send>>) -> String {
        *result.expect_err("a panic").downcast::<&str>().map(|text| Box::new((*text).to_string())).expect("text")
    }

    #[test]
    fn a_panic_waits_for_the_call_to_return() {
        let mut returned = false;
        let panic = catch_unwind(AssertUnwindSafe(|| {
            deliver(|| {
                let told = guard("failed", || panic!("in a callback"));
                assert_eq!(told, "failed");
                assert!(panicked());
                returned = true;
            });
        }));
        assert!(returned);
        assert_eq!(message(panic), "in a callback");
        assert!(INNERMOST.get().is_null());
    }

    #[test]
    fn of_two_panics_the_first_resumes() {
        let panic = catch_unwind(|| {
            deliver(|| {
                guard((), || panic!("the first"));
                guard((), || panic!("the second"));
            });
        });
        assert_eq!(message(panic), "the first");
    }

    #[test]
    fn a_panic_resumes_from_the_innermost_call() {
        let outer = catch_unwind(|| {
            deliver(|| {
                guard((), || {
                    let inner = catch_unwind(|| deliver(|| guard((), || panic!("nested"))));
                    assert_eq!(message(inner), "nested");
                });
                assert!(!panicked());
            });
        });
        assert!(outer.is_ok());
    }

    #[test]
    fn a_call_that_unwinds_leaves_no_frame() {
        let panic = catch_unwind(|| deliver(|| panic!("in the call itself")));
        assert_eq!(message(panic), "in the call itself");
        assert!(INNERMOST.get().is_null());
        let outer = catch_unwind(|| {
            deliver(|| {
                let inner = catch_unwind(|| deliver_locking(|| panic!("in the inner call itself")));
                assert_eq!(message(inner), "in the inner call itself");
                guard((), || panic!("beneath the outer one"));
            });
        });
        assert_eq!(message(outer), "beneath the outer one");
        assert!(INNERMOST.get().is_null());
    }

    #[test]
    fn a_second_panic_may_bring_what_panics_as_it_goes() {
        struct Worse;
        impl Drop for Worse {
            fn drop(&mut self) {
                std::panic::panic_any(Worse);
            }
        }
        let panic = catch_unwind(|| {
            deliver(|| {
                guard((), || panic!("the first"));
                guard((), || std::panic::panic_any(Worse));
            });
        });
        assert_eq!(message(panic), "the first");
    }

    #[test]
    fn what_a_call_returned_is_dropped_when_a_panic_resumes() {
        let owned = std::sync::Arc::new(());
        let panic = catch_unwind(AssertUnwindSafe(|| {
            deliver(|| {
                guard((), || panic!("lost"));
                std::sync::Arc::clone(&owned)
            })
        }));
        assert!(panic.is_err());
        assert_eq!(std::sync::Arc::strong_count(&owned), 1);
    }

    #[test]
    fn what_is_given_can_be_borrowed_and_is_dropped_once() {
        let owned = std::sync::Arc::new(7);
        let user_data = give(std::sync::Arc::clone(&owned));
        // SAFETY: it was given as this type, and destroyed last.
        unsafe {
            assert_eq!(**borrow::<std::sync::Arc<i32>>(user_data), 7);
            destroy::<std::sync::Arc<i32>>(user_data);
        }
        assert_eq!(std::sync::Arc::strong_count(&owned), 1);
    }
}
