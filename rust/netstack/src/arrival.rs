//! Who is told that a socket has something to receive.

use crate::notify::Notify;

/// What awaits the packets of a socket in tokio; nothing, without it.
#[derive(Default)]
pub(crate) struct Arrival(#[cfg(feature = "tokio")] pub(crate) std::sync::Arc<::tokio::sync::Notify>);

impl Arrival {
    /// What the library shall call: this, and what the user wants to be called.
    #[cfg(feature = "tokio")]
    #[allow(clippy::unnecessary_wraps, reason = "as without tokio")]
    pub(crate) fn and(&self, notify: Option<Notify>) -> Option<Notify> {
        let arrival = std::sync::Arc::clone(&self.0);
        Some(Box::new(move || {
            arrival.notify_one();
            if let Some(notify) = &notify {
                notify();
            }
        }))
    }

    /// What the library shall call: what the user wants to be called.
    #[cfg(not(feature = "tokio"))]
    #[allow(clippy::unused_self, reason = "as with tokio")]
    pub(crate) fn and(&self, notify: Option<Notify>) -> Option<Notify> {
        notify
    }
}
