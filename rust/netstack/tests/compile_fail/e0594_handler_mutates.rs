use netstack::{Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    let mut count = 0;
    stack
        .on_echo(move |_| {
            count += 1;
            Verdict::Declined
        })
        .unwrap();
}
