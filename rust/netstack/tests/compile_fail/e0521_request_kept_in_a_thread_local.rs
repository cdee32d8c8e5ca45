use std::cell::Cell;

use netstack::{Request, Stack, Verdict};

thread_local! {
    static KEPT: Cell<Option<&'static mut Request<'static>>> = const { Cell::new(None) };
}

fn main() {
    let stack = Stack::new().unwrap();
    stack
        .on_echo(|request| {
            KEPT.set(Some(request));
            Verdict::Declined
        })
        .unwrap();
}
