//! A pair of descriptors that the standard library has no way to make.

use std::os::fd::{FromRawFd, OwnedFd};

/// Two ends that keep packets apart, and notice when the other one is gone.
pub fn pair() -> [OwnedFd; 2] {
    let mut pair = [0; 2];
    // SAFETY: room for two descriptors, which are nobody else's then.
    unsafe {
        assert_eq!(libc::socketpair(libc::AF_UNIX, libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC, 0, pair.as_mut_ptr()), 0);
        pair.map(|each| OwnedFd::from_raw_fd(each))
    }
}
