use netstack::{Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    stack
        .on_echo(|request| {
            let payload = request.payload();
            let _ = request.reply();
            assert!(payload.is_empty());
            Verdict::Consumed
        })
        .unwrap();
}
