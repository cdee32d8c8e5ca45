use netstack::{NicOptions, Stack, Tun, Verdict};

fn main() -> netstack::Result<()> {
    let stack = Stack::new()?;
    stack.add_nic(Tun::open("tun0")?, NicOptions::new().local_prefix("10.7.0.0/16").local_prefix("fd07::/64"))?;
    stack.on_echo(|request| {
        let _ = request.reply(); // the stack's own Echo Reply, from the address that was asked
        Verdict::Consumed // and nobody else handles it
    })?;
    stack.run() // until Ctrl-C
}
