//! Runs files of vectors through the crate. `../README.md` says what the files are and what is printed.

mod file;
mod handler;
mod scene;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::file::{Kept, Step, Vector};
use crate::handler::{copy_raw, inject, reply_elsewhere, reply_raw, result_of, Failure};
use crate::scene::{install, Scene};

fn main() -> ExitCode {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.payload().is::<Failure>() {
            usual(info);
        }
    }));
    run_files().unwrap_or_else(|why| {
        eprintln!("{why}");
        ExitCode::from(2)
    })
}

fn run_files() -> Result<ExitCode, String> {
    let files = std::env::args().skip(1).map(|path| file::read(&path)).collect::<Result<Vec<_>, _>>()?;
    if files.is_empty() {
        return Err("no files".into());
    }
    let mut status = ExitCode::SUCCESS;
    for file in &files {
        for vector in &file.vectors {
            let at = format!("{}: {}", file.group, vector.name);
            match run_vector(vector).map_err(|error| format!("{}: {}: {error}", file.path, vector.name))? {
                None => println!("ok {at}"),
                Some(difference) => {
                    println!("FAILED {at}: {difference}");
                    status = ExitCode::from(1);
                }
            }
        }
    }
    Ok(status)
}

/// What differs. An error is configuration that the library refuses.
fn run_vector(vector: &Vector) -> netstack::Result<Option<String>> {
    let scene = Scene::new(vector)?;
    for (at, step) in vector.steps.iter().enumerate() {
        scene.notes().place = format!("step {}: ", at + 1);
        run_step(&scene, step)?;
    }
    scene.notes().place.clear();
    let counters = scene.stack.counters()?;
    for name in counters.keys().chain(vector.counters.keys()) {
        let of = |all: &std::collections::BTreeMap<String, u64>| all.get(name).copied().unwrap_or(0);
        scene.compare(&format!("counter {name}"), &of(&counters).to_string(), &of(&vector.counters).to_string());
    }
    let difference = scene.notes().difference.take();
    Ok(difference)
}

fn run_step(scene: &Arc<Scene>, step: &Step) -> netstack::Result<()> {
    {
        let mut notes = scene.notes();
        notes.step = step.clone();
        notes.seen = 0;
    }
    if let Some(handlers) = &step.handlers {
        install(scene, handlers)?;
    }
    if let Some(sockets) = &step.sockets {
        scene.open_sockets(sockets)?;
    }
    if step.advance > 0 {
        scene.clock.advance(Duration::from_secs(step.advance));
        scene.compare("poll", &result_of(&scene.stack.poll()), "ok");
    }
    let wanted = step.result.as_deref().unwrap_or("ok");
    if let Some(packet) = &step.inject {
        let result = inject(scene, packet);
        scene.compare("result", &result, wanted);
        let seen = scene.notes().seen;
        scene.compare("sees", &format!("{seen} requests"), &format!("{} requests", step.sees.len()));
    }
    let kept = scene.notes().kept;
    match step.kept {
        Some(Kept::Reply) => scene.compare("kept", reply_raw(kept), wanted),
        Some(Kept::ReplyElsewhere) => scene.compare("kept", reply_elsewhere(kept), wanted),
        Some(Kept::Packet) => scene.compare("kept", copy_raw(kept), wanted),
        None => {}
    }
    if step.packet.is_some() {
        let kept = scene.notes().kept_packet.clone();
        scene.compare_bytes("packet", kept.as_ref().map_or(&[], AsRef::as_ref), step.packet.as_ref());
    }
    compare_sent(scene, step);
    Ok(())
}

/// What waits in the links: the answers that the step says, by the NIC that had the packet, and nothing else.
fn compare_sent(scene: &Scene, step: &Step) {
    for (number, wire) in &scene.wires {
        let wanted = if *number == step.nic.unwrap_or(1) { &step.out[..] } else { &[] };
        let sent: Vec<_> = wire.drain().collect();
        for (at, packet) in sent.iter().enumerate() {
            scene.compare_bytes("out", packet, wanted.get(at));
        }
        if sent.len() < wanted.len() {
            scene.differ(&format!("out: {} packets, not {}", sent.len(), wanted.len()));
        }
    }
}
