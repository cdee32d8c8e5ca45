use netstack::{Stack, Verdict};

fn main() {
    let stack = Stack::new().unwrap();
    stack
        .on_echo(|request| {
            let shared = &*request;
            std::thread::scope(|scope| {
                scope.spawn(|| shared.packet().len());
            });
            Verdict::Consumed
        })
        .unwrap();
}
