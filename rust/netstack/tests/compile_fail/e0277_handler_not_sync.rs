use std::cell::Cell;

use netstack::{Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    let count = Cell::new(0);
    stack
        .on_echo(move |_| {
            count.set(count.get() + 1);
            Verdict::Declined
        })
        .unwrap();
}
