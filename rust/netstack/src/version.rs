//! The version of the library that runs.

use std::ffi::CStr;

use netstack_sys as sys;

use crate::error::{Error, Result};

/// The version of the library that runs, as `MAJOR.MINOR.PATCH`.
///
/// One with another ABI than this crate was made for is refused by whatever is made first: that is
/// [`Error::Unsupported`], and names both versions.
///
/// ```
/// assert!(netstack::version().starts_with("0.1."));
/// ```
#[must_use]
pub fn version() -> &'static str {
    // SAFETY: a string of the library, valid for ever.
    unsafe { CStr::from_ptr(sys::ns_version_string()) }.to_str().unwrap_or("")
}

pub(crate) fn check_version() -> Result<()> {
    // SAFETY: it touches no state.
    compare(sys::NS_ABI_VERSION, unsafe { sys::ns_abi_version() }, version())
}

/// Before 1.0 each minor version has an ABI of its own.
fn compare(made: u32, runs: u32, version: &str) -> Result<()> {
    if made == runs {
        return Ok(());
    }
    Err(Error::Unsupported(
        format!("made for version {}.{} of the library, and the one that runs is {version}", made >> 16, made & 0xffff)
            .into(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_refused_with_both_named() {
        let why = compare(0x0001, 0x0002, "0.2.5").unwrap_err().to_string();
        assert_eq!(why, "made for version 0.1 of the library, and the one that runs is 0.2.5");
        assert!(compare(0x0001, 0x0001, "0.1.0").is_ok());
    }
}
