//! Programs that must not compile, each with what the compiler says: `compile_fail/*.rs` and `*.stderr`. The number at
//! the front of a name is the error's.
#![forbid(unsafe_code)]

/// The compiler whose words the `.stderr` files hold. Others word errors differently; they run the doctests, which say
/// `compile_fail`. To take over the words of a newer one: change this, and run with `TRYBUILD=overwrite`.
const WORDS_OF: &str = "rustc 1.95.";

#[test]
fn misuse_does_not_compile() {
    let compiler = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = std::process::Command::new(compiler).arg("--version").output().expect("a compiler");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if !version.starts_with(WORDS_OF) {
        eprintln!("not compared: this is {version}, the messages are those of {WORDS_OF}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
