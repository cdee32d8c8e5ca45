use std::sync::Mutex;

use netstack::{PacketInfo, Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    let kept: Mutex<Option<&'static PacketInfo>> = Mutex::default();
    stack
        .on_echo(move |request| {
            *kept.lock().unwrap() = Some(request);
            Verdict::Consumed
        })
        .unwrap();
}
