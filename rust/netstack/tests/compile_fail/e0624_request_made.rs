use netstack::Request;

fn main() {
    let _ = Request::new(7);
}
