use netstack::Stack;

fn main() {
    let stack = Stack::new().unwrap();
    stack
        .on_echo(|request| {
            let _ = request.reply();
        })
        .unwrap();
}
