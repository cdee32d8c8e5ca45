//! A handler: what it sees, what it does, and its verdict.

use std::panic::{catch_unwind, panic_any, resume_unwind, AssertUnwindSafe};

use netstack::{Error, Injected, Request, Verdict};
use netstack_sys as sys;

use crate::file::{Action, Handler, Keep, Then};
use crate::scene::{hex, Scene};

/// What a handler panics with.
pub struct Failure;

/// What a handler sees, as the vectors write it.
fn describe(request: &Request<'_>) -> String {
    let kinds: Vec<_> = [
        (request.is_temporary(), "temporary"),
        (request.is_broadcast(), "broadcast"),
        (request.is_multicast(), "multicast"),
    ]
    .into_iter()
    .filter_map(|(is, name)| is.then_some(name))
    .collect();
    let kind = if kinds.is_empty() { "assigned".into() } else { kinds.join(" and ") };
    let data = if request.payload().is_empty() { "-".into() } else { hex(request.payload()) };
    format!(
        "from {} to {} {kind}, nic {}, type {} code {}, ttl {} tos {}, id {} seq {}, data {data}",
        request.source(),
        request.destination(),
        request.nic(),
        request.icmp_type(),
        request.code(),
        request.ttl(),
        request.tos(),
        request.identifier(),
        request.sequence(),
    )
}

/// A result as the vectors name it.
pub fn result_of<T>(result: &netstack::Result<T>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(Error::Expired) => "expired".into(),
        Err(Error::NoRoute(_)) => "no route".into(),
        Err(Error::NotReplyable) => "not replyable".into(),
        Err(error) => error.to_string(),
    }
}

/// What the crate has no function for, because no request outlives its handler.
fn status_of(status: sys::ns_status) -> &'static str {
    match status {
        sys::NS_OK => "ok",
        sys::NS_ERR_EXPIRED => "expired",
        sys::NS_ERR_NO_ROUTE => "no route",
        sys::NS_ERR_NOT_REPLYABLE => "not replyable",
        _ => "another status",
    }
}

pub fn reply_raw(request: sys::ns_request) -> &'static str {
    // SAFETY: any number will do.
    status_of(unsafe { sys::ns_request_reply(request) })
}

pub fn reply_elsewhere(request: sys::ns_request) -> &'static str {
    std::thread::spawn(move || reply_raw(request)).join().expect("it does not panic")
}

pub fn copy_raw(request: sys::ns_request) -> &'static str {
    let mut buffer = [0; 256];
    let mut length = 0;
    // SAFETY: any number will do, and the buffer is as long as it says.
    status_of(unsafe { sys::ns_request_copy_packet(request, buffer.as_mut_ptr(), buffer.len(), &mut length) })
}

/// Delivers a packet; "fails" where a handler's panic comes out of the call.
pub fn inject(scene: &Scene, packet: &str) -> String {
    let wire = &scene.wires[&scene.notes().step.nic.unwrap_or(1)];
    match catch_unwind(AssertUnwindSafe(|| wire.inject(&scene.vector.packets[packet].data))) {
        Ok(Ok(Injected::Unclaimed)) => "unclaimed".into(),
        Ok(result) => result_of(&result),
        Err(panic) if panic.is::<Failure>() => "fails".into(),
        Err(panic) => resume_unwind(panic),
    }
}

pub fn handle(scene: &Scene, handler: &Handler, request: &mut Request<'_>) -> Verdict {
    let wanted = {
        let mut notes = scene.notes();
        notes.seen += 1;
        notes.step.sees.get(notes.seen - 1).cloned()
    };
    let wanted = wanted.and_then(|name| scene.vector.packets[&name].seen.clone());
    scene.compare("sees", &describe(request), wanted.as_deref().unwrap_or("anything"));
    for action in &handler.does {
        act(scene, action, request);
    }
    match handler.then {
        Then::Consumed => Verdict::Consumed,
        Then::Declined => Verdict::Declined,
        Then::Fails => panic_any(Failure),
    }
}

fn act(scene: &Scene, action: &Action, request: &mut Request<'_>) {
    if let Some(wanted) = &action.reply {
        scene.compare("reply", &result_of(&request.reply()), wanted);
    }
    if let Some(wanted) = &action.reply_elsewhere {
        scene.compare("reply elsewhere", reply_elsewhere(request.as_raw()), wanted);
    }
    if let Some(wanted) = &action.reply_kept {
        let kept = scene.notes().kept;
        scene.compare("reply kept", reply_raw(kept), wanted);
    }
    if let Some(packet) = &action.inject {
        let result = inject(scene, packet);
        scene.compare("inject, nested", &result, action.result.as_deref().unwrap_or("ok"));
    }
    if let Some(route) = &action.route {
        scene.compare("route", &result_of(&scene.add_route(route)), "ok");
    }
    match action.keep {
        Some(Keep::Request) => scene.notes().kept = request.as_raw(),
        Some(Keep::Packet) => {
            let kept = request.keep();
            scene.compare("keep packet", &result_of(&kept), "ok");
            scene.notes().kept_packet = kept.ok();
        }
        None => {}
    }
}
