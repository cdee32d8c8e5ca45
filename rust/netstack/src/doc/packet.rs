// For examples: a packet that is kept, of the Echo Request.
{
    let (stack, wire) = include!("stack.rs");
    let socket = stack.raw_socket(netstack::Family::V4)?;
    wire.inject(&include!("echo_request.rs"))?;
    socket.receive()?.expect("a copy")
}
