//! bindgen's options, and what is done to its output.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::doc::{self, Comments};

/// Constants that belong to a type whose name their own does not begin with.
const STATUSES: [&str; 3] = ["NS_OK", "NS_UNCLAIMED", "NS_ERR_"];

pub fn generate(include: &Path) -> Result<String, String> {
    let raw = bindgen::Builder::default()
        .header(include.join("netstack/netstack.h").display().to_string())
        .clang_arg(format!("-I{}", include.display()))
        .clang_arg("-fparse-all-comments")
        .allowlist_item("(ns|NS)_.*")
        .use_core()
        .generate_cstr(true)
        .layout_tests(true)
        .prepend_enum_name(false)
        .rust_target(bindgen::RustTarget::stable(82, 0).map_err(|error| error.to_string())?)
        .rust_edition(bindgen::RustEdition::Edition2021)
        .formatter(bindgen::Formatter::Prettyplease)
        .parse_callbacks(Box::new(Comments))
        .disable_header_comment()
        .generate()
        .map_err(|error| error.to_string())?
        .to_string();
    let raw = doc::as_lines(&raw);
    let left_out = doc::left_out(include).map_err(|error| format!("{}: {error}", include.display()))?;
    let names = names(&raw);
    let mut text = String::from("// Made from the C headers by packaging/generate-bindings.sh: not to be edited.\n\n");
    let mut after_function = false;
    for item in items(&raw) {
        let Some(item) = finish(item, &names, &left_out) else {
            continue;
        };
        // Functions that follow each other share a block.
        let function = item.strip_prefix("unsafe extern \"C\" {\n");
        match function {
            Some(function) if after_function => {
                text.truncate(text.len() - "}\n".len());
                text.push_str(function);
            }
            _ => text.push_str(&item),
        }
        after_function = function.is_some();
    }
    match text.find("_bindgen_") {
        Some(at) => Err(format!("a name of bindgen's own is left: {}", &text[at..text.len().min(at + 60)])),
        None => Ok(text),
    }
}

/// Splits the source into its items at the top level, each with its comments and attributes.
fn items(source: &str) -> Vec<String> {
    let mut items = vec![];
    let mut item = String::new();
    for line in source.lines() {
        item.push_str(line);
        item.push('\n');
        let ends = !line.starts_with([' ', '/', '#']) && line.ends_with([';', '}']);
        if ends {
            items.push(std::mem::take(&mut item));
        }
    }
    items.push(item);
    items
}

/// What Rust documentation can link to.
fn names(source: &str) -> BTreeSet<String> {
    source.lines().filter_map(declared_name).map(Into::into).collect()
}

/// What a line declares.
fn declared_name(line: &str) -> Option<&str> {
    let line = line.trim_start().strip_prefix("pub ")?;
    let (kind, rest) = line.split_once(' ')?;
    let name = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()?;
    (matches!(kind, "fn" | "const" | "type" | "struct") && !name.starts_with('_')).then_some(name)
}

/// One item as it shall be; nothing for the types that bindgen makes up for enums without a name.
fn finish(mut item: String, names: &BTreeSet<String>, left_out: &BTreeMap<String, String>) -> Option<String> {
    if item.contains("pub type _bindgen_ty_") {
        return None;
    }
    if let Some((before, rest)) = item.split_once(": _bindgen_ty_") {
        let name = before.rsplit(' ').next()?;
        let value = rest.split_once(" = ")?.1;
        item = format!("{before}: {} = {value}", type_of_constant(name, names));
    }
    // The numbers in them are those of the machine that the bindings were made on.
    if item.contains("const _: () = {") {
        item = format!("#[cfg(target_pointer_width = \"64\")]\n{item}");
    }
    // Nobody but the library has one by value.
    if item.contains("_unused: [u8; 0") {
        item = item.replace("#[derive(Debug, Copy, Clone)]\n", "#[derive(Debug)]\n");
    }
    if !item.starts_with("///") {
        let declared = item.lines().find_map(declared_name);
        if let Some(comment) = declared.and_then(|name| left_out.get(name)) {
            item = doc::as_lines(&format!("/**{comment}*/\n")) + &item;
        }
    }
    Some(item.lines().map(|line| doc::link(line, names) + "\n").collect())
}

/// A constant bears the type whose name its own begins with; others are bits of a u32.
fn type_of_constant(name: &str, names: &BTreeSet<String>) -> String {
    if STATUSES.iter().any(|status| name.starts_with(status)) {
        return "ns_status".into();
    }
    let of_type = |candidate: &&String| {
        let prefix = candidate.to_uppercase() + "_";
        candidate.starts_with("ns_") && name.starts_with(&prefix) && !candidate.ends_with("_fn")
    };
    let candidates = names.iter().filter(of_type);
    // ns_packet and ns_icmp_forwarder are objects, and their constants are flags.
    let longest = candidates.max_by_key(|candidate| candidate.len());
    longest.filter(|name| !OBJECTS.contains(&name.as_str())).map_or_else(|| "u32".into(), Clone::clone)
}

const OBJECTS: [&str; 3] = ["ns_packet", "ns_stack", "ns_icmp_forwarder"];
