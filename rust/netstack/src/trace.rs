//! What the feature `tracing` tells; nothing, without it. Subscribers are code of the user's, so no lock is held.

/// Tells that something happened: `event!(DEBUG, nic = id, "NIC added")`.
macro_rules! event {
    ($level:ident, $($what:tt)+) => {
        #[cfg(feature = "tracing")]
        ::tracing::event!(target: "netstack", ::tracing::Level::$level, $($what)+);
    };
}

/// What happens from here to the end of the block happens within a span: `span!("inject", bytes = length)`.
macro_rules! span {
    ($($what:tt)+) => {
        #[cfg(feature = "tracing")]
        let _span = ::tracing::trace_span!(target: "netstack", $($what)+).entered();
    };
}

pub(crate) use {event, span};
