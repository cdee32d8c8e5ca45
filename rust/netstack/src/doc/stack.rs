// For examples: a stack at 192.168.0.1 and 2001:db8::1 on the channel `wire`, whose time stands still.
{
    let clock = netstack::ManualClock::new(std::time::Duration::ZERO)?;
    let stack = netstack::Stack::with(netstack::StackOptions::new().clock(&clock))?;
    let wire = netstack::Channel::new()?;
    let nic = netstack::NicOptions::new().address("192.168.0.1/24").address("2001:db8::1/64");
    stack.add_nic(&wire, nic)?;
    (stack, wire)
}
