use netstack::Request;

fn swap<'outer, 'inner>(outer: &mut Request<'outer>, inner: &mut Request<'inner>) {
    std::mem::swap(outer, inner);
}

fn main() {
    let _ = swap;
}
