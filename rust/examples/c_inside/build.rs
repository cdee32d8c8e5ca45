//! Compiles the C of this crate against the headers that belong to the library that will be linked.

fn main() {
    let include = std::env::var("DEP_NETSTACK_INCLUDE").expect("netstack-sys says where its headers are");
    cc::Build::new().include(include).file("src/handler.c").warnings_into_errors(true).compile("handler");
    println!("cargo:rerun-if-changed=src/handler.c");
}
