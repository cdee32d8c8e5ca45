//! A ping that needs no raw socket: the stack at 10.7.0.1 asks the host that it is connected to.
//!
//! ```sh
//! sudo target/debug/examples/ping [ADDRESS]
//! ```

use std::net::IpAddr;
use std::time::Duration;

use netstack::{Error, NicOptions, PingOptions, Stack, Tun, TunOptions};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let destination: IpAddr = std::env::args().nth(1).as_deref().unwrap_or("10.7.255.254").parse()?;
    let stack = Stack::new()?;
    let tun = Tun::with("tun0", TunOptions::new().host_address("10.7.255.254/16").host_address("fd07::ffff/64"))?;
    stack.add_nic(tun, NicOptions::new().address("10.7.0.1/16").address("fd07::1/64"))?;
    for sequence in 1..=3 {
        let options = PingOptions::new().sequence(sequence).payload([0; 56]).timeout(Duration::from_secs(2));
        match stack.ping_with(destination, options) {
            Ok(reply) => {
                let info = reply.packet.info();
                let (length, source, ttl, rtt) = (info.length(), info.source(), info.ttl(), reply.rtt);
                println!("{length} bytes from {source}: icmp_seq={sequence} ttl={ttl} time={rtt:?}");
            }
            Err(Error::TimedOut) => println!("no answer from {destination} in time"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
