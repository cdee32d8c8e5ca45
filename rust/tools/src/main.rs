//! What stands between the C headers and the Rust crates: bindings from headers, headers from Rust.
//!
//! `netstack-rust-tools bindings INCLUDE-FOLDER` prints netstack-sys's `bindings.rs`.
//! `netstack-rust-tools header SOURCE.rs CBINDGEN.toml` prints a C header for what the source declares.

mod bindings;
mod doc;

use std::path::Path;
use std::process::ExitCode;

fn header(source: &str, config: &str) -> Result<String, String> {
    let config = cbindgen::Config::from_file(config)?;
    let header =
        cbindgen::Builder::new().with_config(config).with_src(source).generate().map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    header.write(&mut text);
    String::from_utf8(text).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let text = match arguments[..] {
        ["bindings", include] => bindings::generate(Path::new(include)),
        ["header", source, config] => header(source, config),
        _ => Err("usage: bindings INCLUDE-FOLDER | header SOURCE.rs CBINDGEN.toml".into()),
    };
    match text {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("netstack-rust-tools: {error}");
            ExitCode::FAILURE
        }
    }
}
