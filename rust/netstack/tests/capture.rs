//! Captures: bytes of the pcap format, writers that fail or panic, who holds what.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "tests")]

mod wire;

use std::io::{self, Write};
use std::sync::mpsc::{channel, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use netstack::{Capture, Channel, ClockSource, Error, NicOptions, Stack, StackOptions};
use wire::{ours, panic_of, request, Wire, BOTH};

const HEADER: usize = 24;
const RECORD: usize = 16;

/// What a writer was given, call by call.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<Vec<u8>>>>);

impl Written {
    fn calls(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes into `into` until call number `last` has come, with which it does something else.
struct Until<F>(Written, usize, F);

impl<F: FnMut() -> io::Result<usize>> Write for Until<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.calls().len() == self.1 {
            return (self.2)();
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn refuse() -> io::Result<usize> {
    Err(io::Error::other("the disk is full"))
}

fn panicking() -> io::Result<usize> {
    panic!("the writer is broken")
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap())
}

#[test]
fn a_writer_gets_the_header_and_a_record_a_call() {
    for family in BOTH {
        let wire = Wire::new();
        wire.clock.advance(Duration::from_micros(7_000_042));
        let written = Written::default();
        let capture = Capture::to_writer(written.clone()).unwrap();
        assert_eq!(written.calls().len(), 1);
        wire.the_nic().set_capture(Some(&capture)).unwrap();
        let echo = request(ours(family));
        let sent = wire.send(&echo);

        let calls = written.calls();
        assert_eq!(calls.len(), 3);
        assert_eq!(calls[0].len(), HEADER);
        assert_eq!((word(&calls[0], 0), word(&calls[0], 16), word(&calls[0], 20)), (0xa1b2_c3d4, 262_144, 101));
        for (record, packet) in calls[1..].iter().zip([echo.build(), sent[0].clone()]) {
            let length = u32::try_from(packet.len()).unwrap();
            assert_eq!((word(record, 0), word(record, 4)), (7, 42));
            assert_eq!((word(record, 8), word(record, 12)), (length, length));
            assert_eq!(record[RECORD..], packet);
        }
        assert_eq!(capture.lost(), 0);
    }
}

#[test]
fn records_bear_the_wall_time_of_the_clock() {
    struct Both;
    impl ClockSource for Both {
        fn now(&self) -> Duration {
            Duration::from_secs(5)
        }
        fn wall_now(&self) -> Duration {
            Duration::from_micros(7_000_042)
        }
    }
    let stack = Stack::with(StackOptions::new().clock_source(Both)).unwrap();
    let link = Channel::new().unwrap();
    let nic = stack.add_nic(&link, NicOptions::new()).unwrap();
    let written = Written::default();
    nic.set_capture(Some(&Capture::to_writer(written.clone()).unwrap())).unwrap();
    link.inject(&request(ours(4)).build()).unwrap();
    let record = &written.calls()[1];
    assert_eq!((word(record, 0), word(record, 4)), (7, 42));
}

#[test]
fn a_file_has_each_packet_at_once() {
    let wire = Wire::new();
    let path = std::env::temp_dir().join(format!("netstack-capture-{}.pcap", std::process::id()));
    std::fs::write(&path, "what it held is lost").unwrap();
    wire.the_nic().set_capture(Some(&Capture::create(&path).unwrap())).unwrap();
    let echo = request(ours(4));
    wire.send(&echo);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(bytes.len(), HEADER + 2 * (RECORD + echo.build().len()));
    assert_eq!(word(&bytes, 0), 0xa1b2_c3d4);
}

#[test]
fn a_file_that_cannot_be_made_is_told() {
    let error = Capture::create("/nowhere/at.pcap").unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error:?}");
    let why = "path \"/nowhere/at.pcap\" can't be opened: No such file or directory (errno 2); make the folder first";
    assert_eq!(error.to_string(), why);
    let error = Capture::create("").unwrap_err();
    assert!(matches!(error, Error::InvalidArgument(_)), "{error:?}");
    assert_eq!(error.to_string(), "path is empty; name a file");
    let error = Capture::create("a\0b").unwrap_err();
    assert_eq!(error.to_string(), "the path of the capture holds a zero byte");
    let error = Capture::create("/").unwrap_err();
    assert!(matches!(error, Error::Unsupported(_)), "{error:?}");
    let why = "path \"/\" can't be opened: Is a directory (errno 21); choose a file that you may write";
    assert_eq!(error.to_string(), why);
    let error = Capture::create("/dev/full").unwrap_err();
    assert_eq!(error.to_string(), "path \"/dev/full\" does not take the first bytes; make room");
}

#[test]
fn a_capture_ends_and_another_takes_its_place() {
    let wire = Wire::new();
    let (first, second) = (Written::default(), Written::default());
    let nic = wire.the_nic();
    nic.set_capture(Some(&Capture::to_writer(first.clone()).unwrap())).unwrap();
    wire.send(&request(ours(4)));
    nic.set_capture(Some(&Capture::to_writer(second.clone()).unwrap())).unwrap();
    wire.send(&request(ours(4)));
    nic.set_capture(None).unwrap();
    wire.send(&request(ours(4)));
    assert_eq!((first.calls().len(), second.calls().len()), (3, 3));
}

#[test]
fn one_capture_serves_several_nics() {
    let wire = Wire::new();
    let other = Channel::new().unwrap();
    let second = wire.stack.add_nic(&other, NicOptions::new().address("10.0.0.1/24")).unwrap();
    let written = Written::default();
    let capture = Capture::to_writer(written.clone()).unwrap();
    wire.the_nic().set_capture(Some(&capture)).unwrap();
    second.set_capture(Some(&capture)).unwrap();
    wire.send(&request(ours(4)));
    other.inject(&request("10.0.0.1").build()).unwrap();
    assert!(written.calls().len() >= 4, "{}", written.calls().len());
}

#[test]
fn an_error_of_the_writer_ends_what_it_gets() {
    let wire = Wire::new();
    let written = Written::default();
    let capture = Capture::to_writer(Until(written.clone(), 2, refuse)).unwrap();
    wire.the_nic().set_capture(Some(&capture)).unwrap();
    let echo = request(ours(4));
    assert_eq!(wire.answers(&echo), 1);
    assert_eq!((written.calls().len(), capture.lost()), (2, 1));
    assert_eq!(wire.answers(&echo), 1);
    assert_eq!((written.calls().len(), capture.lost()), (2, 3));
}

#[test]
fn a_writer_that_refuses_the_header_makes_no_capture() {
    let error = Capture::to_writer(Until(Written::default(), 0, refuse)).unwrap_err();
    assert_eq!(error.to_string(), "the system refused: the disk is full");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn a_panic_of_the_writer_comes_out_of_the_call_that_wrote() {
    let text = panic_of(|| Capture::to_writer(Until(Written::default(), 0, panicking)));
    assert_eq!(text, "the writer is broken");

    let wire = Wire::new();
    let written = Written::default();
    let capture = Capture::to_writer(Until(written.clone(), 1, panicking)).unwrap();
    wire.the_nic().set_capture(Some(&capture)).unwrap();
    let echo = request(ours(4));
    assert_eq!(panic_of(|| wire.link.inject(&echo.build())), "the writer is broken");
    // The packet was answered all the same, and later ones are lost to the writer alone.
    assert_eq!(wire.link.drain().count(), 1);
    assert_eq!(wire.answers(&echo), 1);
    assert_eq!((written.calls().len(), capture.lost()), (1, 3));
}

/// Refuses everything, and panics when it is dropped.
struct Spiteful;

impl Write for Spiteful {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        refuse()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Spiteful {
    fn drop(&mut self) {
        panic!("the writer is sorry");
    }
}

#[test]
fn a_panic_in_the_drop_of_a_writer_that_refused_comes_out_as_well() {
    assert_eq!(panic_of(|| Capture::to_writer(Spiteful)), "the writer is sorry");
}

/// Tells when it is dropped.
struct Told(Sender<()>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[test]
fn the_writer_is_dropped_when_nobody_has_it_any_more() {
    let wire = Wire::new();
    let (sender, dropped) = channel();
    let capture = Capture::to_writer(Told(sender)).unwrap();
    wire.the_nic().set_capture(Some(&capture)).unwrap();
    drop(capture);
    wire.send(&request(ours(4)));
    assert!(dropped.try_recv().is_err());
    wire.the_nic().set_capture(None).unwrap();
    dropped.recv_timeout(wire::PATIENCE).unwrap();
}

#[test]
fn a_capture_outlives_the_stack() {
    let wire = Wire::new();
    let capture = Capture::to_writer(Written::default()).unwrap();
    wire.the_nic().set_capture(Some(&capture)).unwrap();
    drop(wire);
    assert_eq!(capture.lost(), 0);
}

#[test]
fn a_nic_that_was_removed_takes_no_capture() {
    let wire = Wire::new();
    let nic = wire.the_nic();
    nic.remove().unwrap();
    let error = nic.set_capture(None).unwrap_err();
    assert_eq!(error.to_string(), "NIC 1 was removed");
}
