use std::sync::Mutex;

use netstack::{Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    let kept = Mutex::new(None);
    stack
        .on_echo(move |request| {
            *kept.lock().unwrap() = Some(request);
            Verdict::Declined
        })
        .unwrap();
}
