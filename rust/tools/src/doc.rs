//! Comments of the C headers as rustdoc reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

#[derive(Debug)]
pub struct Comments;

impl bindgen::callbacks::ParseCallbacks for Comments {
    fn process_comment(&self, comment: &str) -> Option<String> {
        Some(from_doxygen(comment.trim_start().trim_start_matches('<')))
    }
}

/// A part of a comment: what stands before the first tag, or a tag with its text.
struct Part {
    tag: String,
    text: String,
}

fn parts(comment: &str) -> Vec<Part> {
    let mut parts = vec![Part { tag: String::new(), text: String::new() }];
    for line in comment.lines() {
        // A short comment has its @since behind the sentence.
        let (before, tag) = match line.find('@') {
            Some(at) => (&line[..at], Some(&line[at + 1..])),
            None => (line, None),
        };
        if let Some(part) = parts.last_mut() {
            part.text.push_str(before.trim());
            part.text.push('\n');
        }
        if let Some(tag) = tag {
            let (tag, text) = tag.split_once(' ').unwrap_or((tag, ""));
            parts.push(Part { tag: tag.into(), text: text.trim().to_string() + "\n" });
        }
    }
    parts
}

fn from_doxygen(comment: &str) -> String {
    let mut lines: Vec<String> = vec![];
    let mut parameters: Vec<String> = vec![];
    let mut returns = String::new();
    let mut since = String::new();
    for part in parts(comment) {
        let text = part.text.trim();
        match part.tag.as_str() {
            "param" => {
                let (name, text) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
                parameters.push(format!("- `{name}`: {}", text.trim()));
            }
            "return" => returns = text.into(),
            "since" => since = text.into(),
            _ => lines.push(text.into()),
        }
    }
    if !parameters.is_empty() {
        lines.push("# Parameters".into());
        lines.push(parameters.join("\n"));
    }
    if !returns.is_empty() {
        lines.push("# Returns".into());
        lines.push(returns);
    }
    if !since.is_empty() {
        lines.push(format!("Since {since}."));
    }
    lines.join("\n\n")
}

/// The comments that libclang has nothing to attach to: those of macros and of types without a body.
pub fn left_out(include: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(include.join("netstack"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "h") {
            continue;
        }
        let source = fs::read_to_string(path)?;
        for block in source.split("/**").skip(1) {
            let Some((comment, code)) = block.split_once("*/\n") else {
                continue;
            };
            let line = code.lines().next().unwrap_or_default();
            let words: Vec<&str> = line.trim_end_matches(';').split(' ').collect();
            let name = match words[..] {
                ["#define", name, ..] => name,
                ["typedef", "struct", tag, name] if tag == name => name,
                _ => continue,
            };
            let text: Vec<&str> = comment.lines().map(|line| line.trim().trim_start_matches('*').trim()).collect();
            found.insert(name.to_string(), from_doxygen(&text.join("\n")));
        }
    }
    Ok(found)
}

/// prettyplease's `/** ... */` as lines that begin with `///`, with a space behind it.
pub fn as_lines(source: &str) -> String {
    let mut lines = String::new();
    let mut indent = None;
    for line in source.lines() {
        let bare = line.trim_start();
        let (begin, text) = match (indent.clone(), bare) {
            (Some(begin), _) => (begin, line),
            (None, _) if bare.starts_with("/**") => {
                let begin = line[..line.len() - bare.len()].to_string();
                indent = Some(begin.clone());
                (begin, &bare[3..])
            }
            (None, _) if bare.starts_with("///") => (line[..line.len() - bare.len()].to_string(), &bare[3..]),
            _ => {
                lines.push_str(line);
                lines.push('\n');
                continue;
            }
        };
        let text = match text.strip_suffix("*/") {
            Some(text) if indent.is_some() => {
                indent = None;
                text
            }
            _ => text,
        };
        lines.push_str(format!("{begin}/// {}", text.trim()).trim_end());
        lines.push('\n');
    }
    lines
}

/// Links the names of items on a line of documentation; other lines stay.
pub fn link(line: &str, names: &BTreeSet<String>) -> String {
    let Some(at) = line.find("///") else {
        return line.into();
    };
    let (indent, text) = line.split_at(at + 3);
    let mut linked = String::from(indent);
    for (index, piece) in text.split('`').enumerate() {
        if index > 0 {
            linked.push('`');
        }
        // Every second piece is code already.
        if index % 2 == 1 {
            linked.push_str(piece);
        } else {
            link_words(piece, names, &mut linked);
        }
    }
    linked
}

fn link_words(text: &str, names: &BTreeSet<String>, linked: &mut String) {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '*');
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if end == 0 {
            if matches!(first, '[' | ']' | '<' | '>') {
                linked.push('\\');
            }
            linked.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, behind) = rest.split_at(end);
        rest = behind;
        if !(word.starts_with("ns_") || word.starts_with("NS_")) {
            linked.push_str(word);
            continue;
        }
        let mut target = word.to_string();
        if let Some(field) = behind.strip_prefix('.') {
            let end = field.find(|c| !is_word(c)).unwrap_or(field.len());
            if end > 0 && names.contains(word) {
                target = format!("{word}::{}", if &field[..end] == "type" { "type_" } else { &field[..end] });
                rest = &field[end..];
            }
        }
        rest = rest.strip_prefix("()").unwrap_or(rest);
        if names.contains(word) {
            linked.extend(["[`", &target, "`]"]);
        } else {
            linked.extend(["`", word, "`"]);
        }
    }
}
