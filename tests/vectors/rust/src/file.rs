//! A file of vectors as it stands on disk; `../README.md` describes it.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub group: String,
    #[serde(skip)]
    pub path: String,
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    pub packets: BTreeMap<String, Packet>,
    pub vectors: Vec<Vector>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packet {
    #[serde(rename = "bytes", deserialize_with = "lines")]
    pub data: Vec<u8>,
    #[serde(rename = "malformed")]
    _malformed: Option<String>,
    pub seen: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    pub name: String,
    #[serde(default)]
    pub stack: Stack,
    pub nics: Vec<Nic>,
    #[serde(default)]
    pub routes: Vec<Route>,
    #[serde(default)]
    pub policies: Vec<Policy>,
    pub icmp_rate: Option<Rate>,
    #[serde(default)]
    pub icmp_limited: Vec<Limited>,
    #[serde(default)]
    pub sockets: Vec<Socket>,
    #[serde(default)]
    pub handlers: Vec<Handler>,
    #[serde(default)]
    pub packets: BTreeMap<String, Packet>,
    pub steps: Vec<Step>,
    pub counters: BTreeMap<String, u64>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    #[serde(default)]
    pub strict_routes: bool,
    pub default_ttl: Option<u8>,
    pub default_hop_limit: Option<u8>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nic {
    pub number: u32,
    pub mtu: Option<u32>,
    pub capacity: Option<u32>,
    #[serde(default)]
    pub addresses: Vec<String>,
    #[serde(default)]
    pub prefixes: Vec<String>,
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub promiscuous: bool,
    #[serde(default)]
    pub spoofing: bool,
    #[serde(default)]
    pub side_by_side: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub to: String,
    pub nic: u32,
    pub gateway: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    Any,
    Ipv4,
    Ipv6,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Destination {
    Temporary,
    Group,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EchoPolicy {
    Default,
    Reply,
    Silent,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub family: Family,
    pub destination: Destination,
    #[serde(rename = "policy")]
    pub says: EchoPolicy,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    pub per_second: u32,
    pub burst: u32,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limited {
    pub family: Family,
    #[serde(rename = "type")]
    pub kind: u8,
    #[serde(rename = "limited")]
    pub is: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Socket {
    pub family: Family,
    pub identifier: u16,
    pub address: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Then {
    Consumed,
    Declined,
    Fails,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handler {
    pub family: Family,
    #[serde(default)]
    pub echo_replies: bool,
    #[serde(default)]
    pub does: Vec<Action>,
    pub then: Then,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    Request,
    Packet,
}

/// One thing that a handler does: one key, and a result beside `inject`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    pub reply: Option<String>,
    #[serde(rename = "reply elsewhere")]
    pub reply_elsewhere: Option<String>,
    #[serde(rename = "reply kept")]
    pub reply_kept: Option<String>,
    pub keep: Option<Keep>,
    pub inject: Option<String>,
    pub result: Option<String>,
    pub route: Option<Route>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    Reply,
    #[serde(rename = "reply elsewhere")]
    ReplyElsewhere,
    Packet,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub handlers: Option<Vec<Handler>>,
    pub sockets: Option<Vec<Socket>>,
    #[serde(default)]
    pub advance: u64,
    pub inject: Option<String>,
    pub nic: Option<u32>,
    pub result: Option<String>,
    #[serde(default)]
    pub sees: Vec<String>,
    #[serde(default)]
    pub out: Vec<String>,
    pub kept: Option<Kept>,
    pub packet: Option<String>,
}

/// The bytes of lines such as "icmp 08 00".
fn lines<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
    let mut data = Vec::new();
    for line in Vec::<String>::deserialize(from)? {
        let mut words = line.split(' ');
        if !matches!(words.next(), Some("ipv4" | "ipv6" | "icmp" | "data" | "padding")) {
            return Err(serde::de::Error::custom(format!("{line:?} has no first word that is known")));
        }
        for word in words {
            if word.len() != 2 {
                return Err(serde::de::Error::custom(format!("{line:?} is not hexadecimal")));
            }
            data.push(u8::from_str_radix(word, 16).map_err(serde::de::Error::custom)?);
        }
    }
    Ok(data)
}

/// Reads a file. An error says what is not understood.
pub fn read(path: &str) -> Result<File, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let mut file: File = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    path.clone_into(&mut file.path);
    for vector in &mut file.vectors {
        for (name, packet) in &file.packets {
            vector.packets.entry(name.clone()).or_insert_with(|| packet.clone());
        }
        vector.check().map_err(|why| format!("{path}: {}: {why}", vector.name))?;
    }
    Ok(file)
}

impl Vector {
    /// Holds what the types do not.
    fn check(&self) -> Result<(), String> {
        let of_steps = self.steps.iter().flat_map(|step| step.handlers.iter().flatten());
        for action in self.handlers.iter().chain(of_steps).flat_map(|handler| &handler.does) {
            let texts = [&action.reply, &action.reply_elsewhere, &action.reply_kept, &action.inject];
            let others = usize::from(action.keep.is_some()) + usize::from(action.route.is_some());
            if texts.iter().filter(|text| text.is_some()).count() + others != 1
                || action.result.is_some() && action.inject.is_none()
            {
                return Err("an action is not understood".into());
            }
            self.check_names(&action.inject)?;
        }
        for step in &self.steps {
            let of_inject = step.nic.is_some() || !step.sees.is_empty() || !step.out.is_empty();
            let understood = match (&step.inject, step.kept, &step.packet) {
                (Some(_), None, None) => true,
                (None, Some(_), None) => step.result.is_some() && !of_inject,
                (None, None, _) => step.result.is_none() && !of_inject,
                _ => false,
            };
            if !understood {
                return Err("a step is not understood".into());
            }
            self.check_names(step.inject.iter().chain(&step.packet).chain(&step.sees).chain(&step.out))?;
        }
        match self.counters.iter().find(|(_, value)| **value == 0) {
            Some((name, _)) => Err(format!("counter {name}: a number from 1 on is expected")),
            None => Ok(()),
        }
    }

    fn check_names<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> Result<(), String> {
        match names.into_iter().find(|name| !self.packets.contains_key(*name)) {
            Some(name) => Err(format!("there is no packet {name:?}")),
            None => Ok(()),
        }
    }
}
