use std::sync::Mutex;

use netstack::{Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    let kept: Mutex<Vec<&'static [u8]>> = Mutex::default();
    stack
        .on_echo(move |request| {
            kept.lock().unwrap().push(request.packet());
            Verdict::Consumed
        })
        .unwrap();
}
