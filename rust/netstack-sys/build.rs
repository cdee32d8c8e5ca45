//! Finds an installed netstack by pkg-config, or builds the one whose C++ sources come inside this crate.
//!
//! The environment decides, since features are additive: `NETSTACK_SYS_SYSTEM=1` takes an installed library
//! or fails, `NETSTACK_SYS_BUNDLED=1` always builds. README.md says what else counts.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

/// The layers of the library, each compiled as one file per source.
const LAYERS: [&str; 7] = ["base", "wire", "packet", "link", "ip", "icmp", "stack"];

fn main() {
    for variable in ["NETSTACK_SYS_SYSTEM", "NETSTACK_SYS_BUNDLED", "CXXSTDLIB"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    let wants_system = is_set("NETSTACK_SYS_SYSTEM");
    let wants_bundled = is_set("NETSTACK_SYS_BUNDLED");
    if wants_system && wants_bundled {
        fail("NETSTACK_SYS_SYSTEM and NETSTACK_SYS_BUNDLED exclude each other");
    }
    let include = match find_installed(wants_system, wants_bundled) {
        Some(include) => include,
        None => build(Path::new(&set_by_cargo("CARGO_MANIFEST_DIR"))),
    };
    // What a build script of a crate that depends on this one sees as DEP_NETSTACK_INCLUDE.
    println!("cargo:include={}", include.display());
}

fn fail(why: impl Display) -> ! {
    eprintln!("netstack-sys: {why}");
    exit(1)
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| value != "0" && !value.is_empty())
}

fn set_by_cargo(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|error| fail(format!("{variable}: {error}")))
}

/// The headers' folder, if an installed library shall be taken.
fn find_installed(required: bool, refused: bool) -> Option<PathBuf> {
    if refused {
        return None;
    }
    // Before 1.0 each minor version has an ABI of its own.
    match pkg_config::Config::new().range_version("0.1".."0.2").probe("netstack") {
        // pkg-config leaves out the folders that compilers look into anyway.
        Ok(library) => Some(library.include_paths.into_iter().next().unwrap_or_else(|| {
            pkg_config::get_variable("netstack", "includedir").map_or_else(|_| "/usr/include".into(), Into::into)
        })),
        Err(error) if required => fail(format!("NETSTACK_SYS_SYSTEM is set, but there is no netstack 0.1: {error}")),
        Err(_) => None,
    }
}

/// Compiles the sources into a static library, and says where its headers are.
fn build(root: &Path) -> PathBuf {
    let include = root.join("capi/include");
    let mut sources = sources_in(&root.join("capi/src"));
    for layer in LAYERS {
        sources.extend(sources_in(&root.join("cxx/netstack").join(layer)));
    }
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++20")
        // Also in a debug build of the program that uses it: packets go through here. It is the level of CMake's
        // release; below it gcc does not add checksums up with vectors.
        .opt_level(3)
        .debug(false)
        // Warnings are for those who change the sources; their own build shows them.
        .warnings(false)
        .define("NS_STATIC", None)
        .define("NDEBUG", None)
        .flag_if_supported("-fvisibility=hidden")
        .flag_if_supported("-fvisibility-inlines-hidden")
        .include(&include)
        .include(root.join("capi/src"))
        .include(root.join("cxx"));
    // Saves nanoseconds per packet. musl can't open a shared library late that was compiled so.
    if set_by_cargo("CARGO_CFG_TARGET_OS") == "linux" && set_by_cargo("CARGO_CFG_TARGET_ENV") == "gnu" {
        build.flag_if_supported("-ftls-model=initial-exec");
    }
    let compiler = build.try_get_compiler().unwrap_or_else(|error| fail(format!("no C++ compiler: {error}")));
    if let Err(error) = compiler.to_command().arg("--version").output() {
        let name = compiler.path().display();
        fail(format!("no C++ compiler, which the sources in this crate need: {name}: {error}; name one in CXX"));
    }
    if !build.is_flag_supported("-std=c++20").unwrap_or(false) {
        fail(format!(
            "{} does not know C++20; name another compiler in CXX (gcc 12, clang 14 or later), or install netstack",
            compiler.path().display()
        ));
    }
    let runtime = static_runtime(&compiler);
    if runtime.is_some() {
        build.cpp_link_stdlib(None);
    }
    let objects = compile(&build, &sources);
    if let Err(error) = objects.and_then(|objects| build.objects(objects).try_compile("netstack")) {
        fail(format!("the C++ sources could not be compiled: {error}"));
    }
    // Behind the library that needs it.
    if let Some(folder) = runtime {
        println!("cargo:rustc-link-search=native={}", folder.display());
        println!("cargo:rustc-link-lib=static:-bundle=stdc++");
    }
    println!("cargo:rerun-if-changed={}", root.join("cxx/netstack").display());
    println!("cargo:rerun-if-changed={}", root.join("capi").display());
    include
}

/// Compiles as many sources at a time as cargo runs jobs. cc could do that, but needs a newer Rust for it.
fn compile(build: &cc::Build, sources: &[PathBuf]) -> Result<Vec<PathBuf>, cc::Error> {
    let jobs = set_by_cargo("NUM_JOBS").parse().unwrap_or(1);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut objects = vec![];
        while let Some(source) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
            objects.extend(build.clone().file(source).try_compile_intermediates()?);
        }
        Ok::<_, cc::Error>(objects)
    };
    let mut objects = thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        let results = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| exit(1)));
        results.collect::<Result<Vec<_>, _>>()
    })?
    .concat();
    // The library does not depend on which thread was faster.
    objects.sort();
    Ok(objects)
}

/// Where the static C++ runtime is. With it in the program, that runs where none is installed. `CXXSTDLIB` names
/// another one to link, as everywhere with the crate `cc`; a compiler without a static one gets its shared one.
fn static_runtime(compiler: &cc::Tool) -> Option<PathBuf> {
    if env::var_os("CXXSTDLIB").is_some() || set_by_cargo("CARGO_CFG_TARGET_OS") != "linux" {
        return None;
    }
    let output = compiler.to_command().arg("-print-file-name=libstdc++.a").output().ok()?;
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    // A compiler that does not have it says its bare name.
    path.parent().filter(|_| path.is_absolute()).map(Into::into)
}

fn sources_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| fail(format!("{}: {error}", folder.display())));
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut sources: Vec<PathBuf> = paths.filter(|path| is_source(path)).collect();
    sources.sort();
    sources
}

fn is_source(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".cc") && !name.ends_with("_test.cc")
}
