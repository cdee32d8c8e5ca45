//! Who may be sent to and shared with other threads: checked by the compiler.
#![forbid(unsafe_code)]

use std::error::Error as StdError;

use netstack::{
    CallbackLink, Capture, Channel, ChannelOptions, EchoOptions, Error, FdLink, Link, ManualClock, Nic, NicOptions,
    Packet, PacketInfo, PingOptions, PingReply, PingSocket, Prefix, RawSocket, RawSocketOptions, Request, Route,
    SocketOptions, Stack, StackOptions, Tun, TunOptions, Verdict,
};

fn threads<T: Send + Sync>() {}
fn owned<T: Send + 'static>() {}
fn bytes<T: AsRef<[u8]>>() {}
fn copies<T: Copy>() {}

#[test]
fn other_threads_may_have_all_but_requests() {
    threads::<Stack>();
    threads::<Nic<'static>>();
    threads::<Link>();
    threads::<Channel>();
    threads::<Tun>();
    threads::<FdLink>();
    threads::<CallbackLink>();
    threads::<ManualClock>();
    threads::<Packet>();
    threads::<PacketInfo>();
    threads::<Prefix>();
    threads::<Route>();
    threads::<Error>();
    threads::<StackOptions>();
    threads::<NicOptions>();
    threads::<ChannelOptions>();
    threads::<TunOptions>();
    threads::<EchoOptions>();
    threads::<Capture>();
    threads::<PingOptions>();
    threads::<PingReply>();
    threads::<PingSocket>();
    threads::<SocketOptions>();
    threads::<RawSocket>();
    threads::<RawSocketOptions>();
    threads::<Verdict>();
    owned::<Packet>();
    owned::<Stack>();
    bytes::<Packet>();
    copies::<PacketInfo>();
    copies::<Nic<'static>>();
    copies::<Prefix>();
}

/// Ambiguous, and so no program, for a type that has the trait.
macro_rules! has_not {
    ($type:ty: $trait:ident) => {
        const _: fn() = || {
            trait Ambiguous<A> {
                fn some() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct Other;
            impl<T: ?Sized + $trait> Ambiguous<Other> for T {}
            let _ = <$type as Ambiguous<_>>::some;
        };
    };
}

has_not!(Request<'static>: Send);
has_not!(Request<'static>: Sync);
has_not!(Request<'static>: Clone);
has_not!(Request<'static>: Default);

#[test]
fn error_is_one_of_the_standard_library() {
    let error: Box<dyn StdError + Send + Sync> = Error::from(std::io::Error::other("no such thing")).into();
    assert_eq!(error.to_string(), "the system refused: no such thing");
    assert_eq!(error.source().unwrap().to_string(), "no such thing");
    assert!(Error::NoMemory.source().is_none());
}

#[test]
fn question_mark_takes_errors_of_the_system() {
    fn open() -> netstack::Result<()> {
        std::fs::File::open("/no/such/file")?;
        Ok(())
    }
    assert!(matches!(open(), Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound));
}
