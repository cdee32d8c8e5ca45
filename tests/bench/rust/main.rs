//! Measures what an echo costs with a handler in Rust, beside handlers in C and beside smoltcp.

mod allocations;
mod contestant;
mod in_c;
mod in_rust;
mod memory;
mod packet;
mod smoltcp;
mod table;
mod verify;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

const USAGE: &str = "netstack-bench-rust [--verify | --memory ECHOES | [--rounds N] [--turn MILLISECONDS]]
  --verify            checks answers, calls of handlers and allocations, and measures nothing
  --memory ECHOES     prints the memory held during so many echoes, and measures nothing else
  --rounds N          turns of each contestant, 20 unless told
  --turn MS           how long one of them takes, 40 unless told";

fn main() -> ExitCode {
    run().map_or_else(
        |error| {
            eprintln!("{error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn run() -> Result<(), Box<dyn Error>> {
    let (mut only_verify, mut memory, mut rounds, mut turn) = (false, None, 20, 40);
    let mut arguments = Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("verify") => only_verify = true,
            Arg::Long("memory") => memory = Some(arguments.value()?.parse()?),
            Arg::Long("rounds") => rounds = arguments.value()?.parse()?,
            Arg::Long("turn") => turn = arguments.value()?.parse()?,
            Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(());
            }
            _ => return Err(argument.unexpected().into()),
        }
    }
    if let Some(echoes) = memory {
        return memory::print_memory(echoes);
    }
    let mut all = contestant::entries()?;
    verify::verify_all(&mut all)?;
    if only_verify {
        println!("all answers are right");
    } else {
        table::measure_all(&mut all, rounds.max(1), Duration::from_millis(turn));
    }
    Ok(())
}
