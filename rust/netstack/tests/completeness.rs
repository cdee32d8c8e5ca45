//! Nothing is missing: all that the C ABI has is used by the crate, and all that the crate has comes with an example. Both
//! are read off the sources.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Fields, ForeignItem, ImplItem, Item, Lit, Member, Meta, TraitItem, Visibility};

fn parse(path: &Path) -> syn::File {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The crate's sources, by the names of their modules.
fn sources() -> BTreeMap<String, syn::File> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), parse(&path))).collect()
}

/// What of the C ABI the crate leaves alone: `WRAPPER NAME REASON` on each line, for the wrappers of all languages.
fn left_alone() -> BTreeSet<String> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/abi/unused.txt");
    let text = fs::read_to_string(&table).unwrap_or_else(|error| panic!("{}: {error}", table.display()));
    let mut names = BTreeSet::new();
    for line in text.lines().filter(|line| line.starts_with("rust ")) {
        let mut words = line.split_whitespace().skip(1);
        let name = words.next().unwrap_or_else(|| panic!("{line:?} names nothing"));
        assert!(words.next().is_some(), "{line:?} gives no reason");
        assert!(names.insert(name.to_owned()), "{name} is listed twice");
    }
    names
}

/// The functions and constants of the C ABI, and `STRUCT.FIELD` for what its structs of options and of facts hold.
fn abi() -> BTreeSet<String> {
    let bindings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../netstack-sys/src/bindings.rs");
    let mut names = BTreeSet::new();
    for item in parse(&bindings).items {
        match item {
            Item::Const(constant) if constant.ident != "_" => {
                names.insert(constant.ident.to_string());
            }
            Item::ForeignMod(block) => names.extend(block.items.iter().filter_map(|item| match item {
                ForeignItem::Fn(function) => Some(function.sig.ident.to_string()),
                _ => None,
            })),
            Item::Struct(data) if is_filled_in(&data.ident.to_string()) => {
                let Fields::Named(fields) = &data.fields else { continue };
                let fields = fields.named.iter().map(|field| field.ident.as_ref().unwrap().to_string());
                let told = fields.filter(|field| field != "struct_size" && !field.starts_with("reserved"));
                names.extend(told.map(|field| format!("{}.{field}", data.ident)));
            }
            _ => {}
        }
    }
    names
}

/// Structs of which a field could be forgotten: of others the compiler wants all.
fn is_filled_in(name: &str) -> bool {
    name.ends_with("_options") || name == "ns_packet_info"
}

/// What the crate uses of it.
#[derive(Default)]
struct Uses {
    names: BTreeSet<String>,
    /// Of the function that is looked at.
    here: BTreeSet<String>,
    members: BTreeSet<String>,
}

impl Uses {
    /// A field belongs to the struct whose kind the function around it handles.
    fn end_function(&mut self) {
        let structs = self.here.iter().map(|name| name.trim_end_matches("_init"));
        for name in structs.filter(|name| name.ends_with("_options")) {
            self.names.extend(self.members.iter().map(|member| format!("{name}.{member}")));
        }
        self.names.append(&mut self.here);
        self.members.clear();
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let is_test = module.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|what| what == "test")
        });
        if !is_test {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        visit::visit_item_fn(self, function);
        self.end_function();
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        visit::visit_impl_item_fn(self, function);
        self.end_function();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter().map(|segment| segment.ident.to_string());
        if segments.next().as_deref() == Some("sys") {
            self.here.extend(segments.next());
        }
        visit::visit_path(self, path);
    }

    /// What a `PacketInfo` holds, as `info.0.ttl`.
    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if let (Expr::Field(base), Member::Named(name)) = (&*field.base, &field.member) {
            if matches!(&base.member, Member::Unnamed(index) if index.index == 0) {
                self.names.insert(format!("ns_packet_info.{name}"));
            }
        }
        visit::visit_expr_field(self, field);
    }

    fn visit_member(&mut self, member: &'ast Member) {
        if let Member::Named(name) = member {
            self.members.insert(name.to_string());
        }
    }
}

#[test]
fn all_of_the_c_abi_is_used() {
    let sources = sources();
    let mut uses = Uses::default();
    for file in sources.values() {
        uses.visit_file(file);
    }
    uses.end_function();

    let abi = abi();
    assert!(abi.len() > 150, "{abi:?}");
    let left_alone = left_alone();
    let unused: BTreeSet<_> = abi.difference(&uses.names).cloned().collect();
    let forgotten: Vec<_> = unused.difference(&left_alone).collect();
    assert!(forgotten.is_empty(), "the crate uses none of {forgotten:?}");
    let stale: Vec<_> = left_alone.difference(&unused).collect();
    assert!(stale.is_empty(), "the crate uses all of {stale:?} by now");
}

/// Whether the documentation has code that the compiler sees.
fn has_example(attributes: &[Attribute]) -> bool {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(text) => match &text.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    let mut fences = lines.filter_map(|line| line.trim().strip_prefix("```").map(str::to_owned));
    fences.next().is_some_and(|info| !info.contains("text") && !info.contains("ignore"))
}

/// The public items, each with its example or without.
#[derive(Default)]
struct Items(Vec<(String, bool)>);

impl Items {
    fn add(&mut self, name: String, attributes: &[Attribute]) {
        self.0.push((name, has_example(attributes)));
    }

    fn add_item(&mut self, item: &Item, sources: &BTreeMap<String, syn::File>) {
        let public = |visibility: &Visibility| matches!(visibility, Visibility::Public(_));
        match item {
            Item::Const(item) if public(&item.vis) => self.add(item.ident.to_string(), &item.attrs),
            Item::Enum(item) if public(&item.vis) => self.add(item.ident.to_string(), &item.attrs),
            Item::Fn(item) if public(&item.vis) => self.add(item.sig.ident.to_string(), &item.attrs),
            Item::Static(item) if public(&item.vis) => self.add(item.ident.to_string(), &item.attrs),
            Item::Struct(item) if public(&item.vis) => self.add(item.ident.to_string(), &item.attrs),
            Item::Type(item) if public(&item.vis) => self.add(item.ident.to_string(), &item.attrs),
            Item::Union(item) if public(&item.vis) => self.add(item.ident.to_string(), &item.attrs),
            Item::Mod(item) if public(&item.vis) => {
                let name = item.ident.to_string();
                self.add(name.clone(), &sources[&name].attrs);
            }
            Item::Trait(item) if public(&item.vis) => {
                self.add(item.ident.to_string(), &item.attrs);
                for method in &item.items {
                    if let TraitItem::Fn(method) = method {
                        self.add(format!("{}::{}", item.ident, method.sig.ident), &method.attrs);
                    }
                }
            }
            Item::Impl(block) if block.trait_.is_none() => {
                let syn::Type::Path(of) = &*block.self_ty else { panic!("an impl of no name") };
                let of = &of.path.segments.last().unwrap().ident;
                for item in &block.items {
                    match item {
                        ImplItem::Fn(item) if public(&item.vis) => {
                            self.add(format!("{of}::{}", item.sig.ident), &item.attrs);
                        }
                        ImplItem::Const(item) if public(&item.vis) => {
                            self.add(format!("{of}::{}", item.ident), &item.attrs);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

#[test]
fn every_public_item_has_an_example() {
    let sources = sources();
    let mut items = Items::default();
    items.add("the crate".to_owned(), &sources["lib"].attrs);
    for item in sources.values().flat_map(|file| &file.items) {
        items.add_item(item, &sources);
    }
    assert!(items.0.len() > 150, "{:?}", items.0);
    let without: Vec<_> = items.0.iter().filter(|(_, has)| !has).map(|(name, _)| name).collect();
    assert!(without.is_empty(), "without an example: {without:?}");
}
