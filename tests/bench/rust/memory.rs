//! Memory during many echoes.

use std::{fs, io};

use crate::contestant::{Contestant, Handler};
use crate::in_rust::{InRust, Reading};
use crate::packet::Family;
use crate::verify::{CAPACITY, Workload};

/// Prints what the process holds after each tenth of so many echoes with a handler that replies and keeps nothing:
/// it stays flat.
pub fn print_memory(echoes: u32) -> Result<(), Box<dyn std::error::Error>> {
    let mut contestant = InRust::new(Handler::Replies, Reading::Vector)?;
    let request = Workload { family: Family::V4, data: 56 }.request();
    let mut reply = [0; CAPACITY];
    println!("{:<16} {:>14}", "echoes", "resident KiB");
    for tenth in 0..=10 {
        // The first time what is made once comes to be there.
        contestant.echoes(&request, echoes / 10, &mut reply);
        println!("{:<16} {:>14}", tenth * (echoes / 10), resident_kib()?);
    }
    Ok(())
}

fn resident_kib() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let size = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
    size.ok_or_else(|| io::Error::other("/proc/self/status has no VmRSS"))
}
