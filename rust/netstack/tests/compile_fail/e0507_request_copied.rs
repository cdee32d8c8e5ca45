use netstack::{Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    stack
        .on_echo(|request| {
            let moved = *request;
            drop(moved);
            Verdict::Consumed
        })
        .unwrap();
}
