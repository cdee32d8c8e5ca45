//! Compiles the contestant in C, against the headers of the library that is linked.

fn main() {
    let include = std::env::var("DEP_NETSTACK_INCLUDE").expect("netstack-sys says where its headers are");
    let mut build = cc::Build::new();
    build.include(include).file("../go/c_stack.c").opt_level(2).warnings_into_errors(true).compile("c_stack");
    for file in ["../go/c_stack.c", "../go/c_stack.h"] {
        println!("cargo:rerun-if-changed={file}");
    }
}
