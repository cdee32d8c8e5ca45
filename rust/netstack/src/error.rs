//! What can go wrong.

use std::borrow::Cow;
use std::ffi::CStr;
use std::fmt;

use netstack_sys as sys;

/// What every fallible function of this crate returns.
///
/// ```
/// fn answers(stack: &netstack::Stack) -> netstack::Result<u64> {
///     stack.counter("icmp.v4.sent.echo_reply")
/// }
/// assert_eq!(answers(&netstack::Stack::new()?)?, 0);
/// # Ok::<(), netstack::Error>(())
/// ```
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed. Nothing is half done when one does.
///
/// ```
/// use netstack::{Channel, Error};
///
/// assert!(matches!(Channel::with_mtu(70_000), Err(Error::InvalidArgument(why)) if why.contains("70000")));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// An argument makes no sense; the sentence says which.
    InvalidArgument(Cow<'static, str>),
    /// No memory; nothing was changed.
    NoMemory,
    /// The request's handler has returned, or this is not its thread.
    Expired,
    /// Not an Echo Request, so there is no reply to it.
    NotReplyable,
    /// No way to the peer, or no address to answer from.
    NoRoute(Cow<'static, str>),
    /// A bound is reached.
    Limited(Cow<'static, str>),
    /// In use by somebody else, or nested too deep.
    Busy(Cow<'static, str>),
    /// This library, system or configuration cannot do it.
    Unsupported(Cow<'static, str>),
    /// There is no such thing.
    NotFound(Cow<'static, str>),
    /// The stack, link or device is gone.
    Closed(Cow<'static, str>),
    /// The request was answered in another way.
    Answered,
    /// The deadline has passed.
    TimedOut,
    /// Nothing there now, or no room.
    WouldBlock,
    /// The system refused something; the source says what.
    Io(std::io::Error),
    /// A fault of the library; please report it.
    Internal(Cow<'static, str>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidArgument(why)
            | Self::NoRoute(why)
            | Self::Limited(why)
            | Self::Busy(why)
            | Self::Unsupported(why)
            | Self::NotFound(why)
            | Self::Closed(why)
            | Self::Internal(why) => f.write_str(why),
            Self::NoMemory => f.write_str("no memory"),
            Self::Expired => {
                f.write_str("the request has expired: its handler has returned, or runs on another thread")
            }
            Self::NotReplyable => f.write_str("not an Echo Request, so there is no reply to it"),
            Self::Answered => f.write_str("the request was answered in another way"),
            Self::TimedOut => f.write_str("the deadline has passed"),
            Self::WouldBlock => f.write_str("nothing there now, or no room"),
            Self::Io(error) => write!(f, "the system refused: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl Error {
    /// Of a call that gives no sentence.
    #[cold]
    pub(crate) fn from_status(status: sys::ns_status) -> Self {
        Self::new(status, None)
    }

    fn new(status: sys::ns_status, said: Option<String>) -> Self {
        let or = |fixed: &'static str| said.map_or(Cow::Borrowed(fixed), Cow::Owned);
        match status {
            sys::NS_ERR_INVALID_ARGUMENT => Self::InvalidArgument(or("an argument makes no sense")),
            sys::NS_ERR_NO_MEMORY => Self::NoMemory,
            sys::NS_ERR_EXPIRED => Self::Expired,
            sys::NS_ERR_NOT_REPLYABLE => Self::NotReplyable,
            sys::NS_ERR_NO_ROUTE => Self::NoRoute(or("no route, or no address to answer from")),
            sys::NS_ERR_LIMITED => Self::Limited(or("a bound is reached")),
            sys::NS_ERR_BUSY => Self::Busy(or("in use, or nested too deep")),
            sys::NS_ERR_UNSUPPORTED => Self::Unsupported(or("not supported here")),
            sys::NS_ERR_NOT_FOUND => Self::NotFound(or("there is no such thing")),
            sys::NS_ERR_CLOSED => Self::Closed(or("closed")),
            sys::NS_ERR_ANSWERED => Self::Answered,
            sys::NS_ERR_TIMED_OUT => Self::TimedOut,
            sys::NS_ERR_WOULD_BLOCK => Self::WouldBlock,
            _ => Self::Internal(or("a fault of the library")),
        }
    }
}

/// The place for a call's `out_error`, and what becomes of it.
pub(crate) struct Said(*mut sys::ns_error);

impl Said {
    pub(crate) fn nothing() -> Self {
        Self(std::ptr::null_mut())
    }

    pub(crate) fn out(&mut self) -> *mut *mut sys::ns_error {
        &raw mut self.0
    }

    pub(crate) fn result(&self, status: sys::ns_status) -> Result<()> {
        if status == sys::NS_OK {
            return Ok(());
        }
        // SAFETY: null or an error that this owns; the message is borrowed from it and copied.
        let sentence = (!self.0.is_null())
            .then(|| unsafe { CStr::from_ptr(sys::ns_error_message(self.0)).to_string_lossy().into_owned() });
        Err(Error::new(status, sentence))
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        // SAFETY: null or an error that this owns.
        unsafe { sys::ns_error_free(self.0) }
    }
}

#[inline]
pub(crate) fn check(status: sys::ns_status) -> Result<()> {
    if status == sys::NS_OK {
        Ok(())
    } else {
        Err(Error::from_status(status))
    }
}

pub(crate) fn invalid(why: impl Into<Cow<'static, str>>) -> Error {
    Error::InvalidArgument(why.into())
}

impl Error {
    /// What C is told of a callback's error.
    pub(crate) fn status(&self) -> sys::ns_status {
        match self {
            Self::InvalidArgument(_) => sys::NS_ERR_INVALID_ARGUMENT,
            Self::NoMemory => sys::NS_ERR_NO_MEMORY,
            Self::Expired => sys::NS_ERR_EXPIRED,
            Self::NotReplyable => sys::NS_ERR_NOT_REPLYABLE,
            Self::NoRoute(_) => sys::NS_ERR_NO_ROUTE,
            Self::Limited(_) => sys::NS_ERR_LIMITED,
            Self::Busy(_) => sys::NS_ERR_BUSY,
            Self::Unsupported(_) => sys::NS_ERR_UNSUPPORTED,
            Self::NotFound(_) => sys::NS_ERR_NOT_FOUND,
            Self::Closed(_) => sys::NS_ERR_CLOSED,
            Self::Answered => sys::NS_ERR_ANSWERED,
            Self::TimedOut => sys::NS_ERR_TIMED_OUT,
            Self::WouldBlock => sys::NS_ERR_WOULD_BLOCK,
            Self::Io(_) | Self::Internal(_) => sys::NS_ERR_INTERNAL,
        }
    }
}
