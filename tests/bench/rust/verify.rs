//! That contestants do what they are measured for.

use std::fmt;

use crate::allocations;
use crate::contestant::{Contestant, Entry, Handler};
use crate::packet::{self, Family};

/// The request of some rows of the table.
#[derive(Clone, Copy)]
pub struct Workload {
    pub family: Family,
    pub data: usize,
}

impl Workload {
    pub const ALL: [Self; 4] = [
        Self { family: Family::V4, data: 56 },
        Self { family: Family::V6, data: 56 },
        Self { family: Family::V4, data: 1400 },
        Self { family: Family::V6, data: 1400 },
    ];

    pub fn request(self) -> Vec<u8> {
        packet::request(self.family, self.data)
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = match self.family {
            Family::V4 => 4,
            Family::V6 => 6,
        };
        write!(f, "IPv{version}, {} B", self.data)
    }
}

/// Room for a reply of any contestant.
pub const CAPACITY: usize = 1500;

/// Everything that the table is about but time; what is wrong first.
pub fn verify_all(all: &mut [Entry]) -> Result<(), String> {
    for workload in Workload::ALL {
        for entry in &mut *all {
            verify(entry, workload).map_err(|wrong| format!("{workload}, {entry}: {wrong}"))?;
        }
    }
    Ok(())
}

fn verify(entry: &mut Entry, workload: Workload) -> Result<(), String> {
    let request = workload.request();
    let sent = request.clone();
    let expected = match entry.handler {
        Handler::Consumes => Vec::new(),
        _ => packet::reply(workload.family, workload.data, entry.marks),
    };
    let mut reply = [0; CAPACITY];
    let before = entry.contestant.calls();
    let length = entry.contestant.echoes(&request, 1, &mut reply);
    let calls = entry.contestant.calls() - before;
    if request != sent {
        return Err(format!("the request was changed to {request:02x?}"));
    }
    if calls != u64::from(entry.handler != Handler::None) {
        return Err(format!("the handler was called {calls} times"));
    }
    if reply[..length] != expected {
        return Err(format!("the reply is\n{:02x?}, and should be\n{expected:02x?}", &reply[..length]));
    }
    let allocated = allocated(&mut *entry.contestant, &request);
    if allocated != entry.allocations * u64::from(ECHOES) {
        return Err(format!("{allocated} allocations in {ECHOES} echoes, not {} each", entry.allocations));
    }
    Ok(())
}

const ECHOES: u32 = 1000;

fn allocated(contestant: &mut dyn Contestant, request: &[u8]) -> u64 {
    let mut reply = [0; CAPACITY];
    let before = allocations::count();
    contestant.echoes(request, ECHOES, &mut reply);
    allocations::count() - before
}
