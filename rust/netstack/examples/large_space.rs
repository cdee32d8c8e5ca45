//! Every address of a large network answers, without one of them being stored.
//!
//! One address is assigned: the stack answers for it by itself, and the handler leaves it alone.
//!
//! ```sh
//! sudo target/debug/examples/large_space     # and then: ping 10.7.200.3
//! ```

use std::sync::Arc;

use netstack::{NicOptions, Stack, Tun, TunOptions, Verdict};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stack = Arc::new(Stack::new()?);
    let tun = Tun::with("tun0", TunOptions::new().host_address("10.7.255.254/16").host_address("fd07::ffff/64"))?;
    let options = NicOptions::new().address("10.7.0.1/16").local_prefix("10.7.0.0/16").local_prefix("fd07::/64");
    stack.add_nic(tun, options)?;
    stack.on_echo(|request| Verdict::from(request.is_temporary() && request.reply().is_ok()))?;
    let running = Arc::clone(&stack);
    ctrlc::set_handler(move || running.stop())?;
    stack.run()?;
    let counters = stack.counters()?;
    println!("consumed {} declined {}", counters["forwarder.consumed"], counters["forwarder.declined"]);
    Ok(())
}
