use std::rc::Rc;

use netstack::{Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    let shared = Rc::new(7);
    stack
        .on_echo(move |_| {
            let _ = &shared;
            Verdict::Declined
        })
        .unwrap();
}
