use netstack::{Channel, NicOptions, Stack};

fn main() {
    let stack = Stack::new().unwrap();
    let nic = stack.add_nic(Channel::new().unwrap(), NicOptions::new()).unwrap();
    drop(stack);
    nic.set_promiscuous(true).unwrap();
}
