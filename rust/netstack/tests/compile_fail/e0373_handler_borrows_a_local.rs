use std::sync::atomic::{AtomicU32, Ordering};

use netstack::{Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    let count = AtomicU32::new(0);
    stack
        .on_echo(|_| {
            count.fetch_add(1, Ordering::Relaxed);
            Verdict::Declined
        })
        .unwrap();
}
