//! The table of what an echo costs.

use std::time::Duration;

use crate::contestant::{Contestant, Entry};
use crate::in_c::cpu_now;
use crate::verify::{CAPACITY, Workload};

/// Nanoseconds of CPU time an echo.
struct Cost {
    minimum: f64,
    median: f64,
}

/// Prints it: each contestant has so many turns of such a length.
pub fn measure_all(all: &mut [Entry], rounds: usize, turn: Duration) {
    print_row("one echo, ns of CPU time", ["minimum", "median", "x C", "median", "allocations"]);
    for workload in Workload::ALL {
        let costs = measure(all, workload, rounds, turn);
        for (entry, cost) in all.iter().zip(&costs) {
            let same = all.iter().position(|other| other.language == "C" && other.handler == entry.handler);
            let in_c = &costs[same.expect("each handler is in C, too")];
            let times = [cost.minimum / in_c.minimum, cost.median / in_c.median];
            let allocations = entry.allocations;
            let [minimum, median] = [cost.minimum, cost.median].map(|ns| format!("{ns:.1}"));
            let [minima, medians] = times.map(|ratio| format!("{ratio:.2}"));
            let columns = [&minimum, &median, &minima, &medians, &allocations.to_string()];
            print_row(&format!("{workload}, {entry}"), columns.map(String::as_str));
        }
    }
}

fn print_row(name: &str, [minimum, median, minima, medians, allocations]: [&str; 5]) {
    println!("{name:<36} {minimum:>8} {median:>8}   {minima:>6} {medians:>6}   {allocations:>11}");
}

/// Has everybody take turns, so that a mood of the machine is everybody's.
fn measure(all: &mut [Entry], workload: Workload, rounds: usize, turn: Duration) -> Vec<Cost> {
    let request = workload.request();
    let mut counts = Vec::new();
    for entry in &mut *all {
        let thousand = timed(&mut *entry.contestant, &request, 1000);
        let count = turn.as_nanos() * 1000 / thousand.as_nanos().max(1);
        counts.push(u32::try_from(count).unwrap_or(u32::MAX).max(1));
    }
    let mut times = vec![Vec::new(); all.len()];
    for _ in 0..rounds {
        for ((entry, &count), times) in all.iter_mut().zip(&counts).zip(&mut times) {
            let spent = timed(&mut *entry.contestant, &request, count);
            times.push(spent.as_secs_f64() * 1e9 / f64::from(count));
        }
    }
    times.into_iter().map(cost).collect()
}

fn cost(mut times: Vec<f64>) -> Cost {
    times.sort_by(f64::total_cmp);
    Cost { minimum: times[0], median: times[times.len() / 2] }
}

fn timed(contestant: &mut dyn Contestant, request: &[u8], count: u32) -> Duration {
    let mut reply = [0; CAPACITY];
    let start = cpu_now();
    contestant.echoes(request, count, &mut reply);
    cpu_now().saturating_sub(start)
}
