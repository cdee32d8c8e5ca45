//! Prints who pings 10.7.0.1 and `fd07::1`, and leaves the answer to the stack.
//!
//! ```sh
//! sudo target/debug/examples/observer     # and then: ping 10.7.0.1
//! ```

use std::sync::Arc;

use netstack::{NicOptions, Stack, Tun, TunOptions, Verdict};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stack = Arc::new(Stack::new()?);
    let tun = Tun::with("tun0", TunOptions::new().host_address("10.7.255.254/16").host_address("fd07::ffff/64"))?;
    stack.add_nic(tun, NicOptions::new().address("10.7.0.1/16").address("fd07::1/64"))?;
    stack.on_echo(|request| {
        println!("{} asks {} with TTL {}", request.source(), request.destination(), request.ttl());
        Verdict::Declined // the stack goes on as if there were no handler
    })?;
    let running = Arc::clone(&stack);
    ctrlc::set_handler(move || running.stop())?;
    stack.run()?;
    println!("answered {}", stack.counter("icmp.v4.sent.echo_reply")? + stack.counter("icmp.v6.sent.echo_reply")?);
    Ok(())
}
