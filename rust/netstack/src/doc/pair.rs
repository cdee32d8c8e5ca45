// For examples: stacks at 192.168.0.1 and 192.168.0.2, each of which gets at once what the other one sends.
{
    use std::sync::{Arc, OnceLock};

    use netstack::{CallbackLink, NicOptions, Stack};

    let ends: Arc<[OnceLock<CallbackLink>; 2]> = Arc::default();
    let stacks = [Stack::new()?, Stack::new()?];
    for (here, address) in ["192.168.0.1/24", "192.168.0.2/24"].into_iter().enumerate() {
        let there = Arc::clone(&ends);
        let link = CallbackLink::new(None, move |packet| match there[1 - here].get() {
            Some(link) => link.inject(packet).map(drop),
            None => Err(netstack::Error::WouldBlock),
        })?;
        stacks[here].add_nic(&link, NicOptions::new().address(address))?;
        let _ = ends[here].set(link);
    }
    stacks.into()
}
