use netstack::{Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    stack
        .on_echo(|request| {
            std::thread::scope(|scope| {
                scope.spawn(|| request.reply());
            });
            Verdict::Consumed
        })
        .unwrap();
}
